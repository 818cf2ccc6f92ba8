// What stands between the phone and the farm's server in the tests: a network that can be weak, lose answers, drop connections and be away; and, where the
// test wants none of the real server but its app, a farm that behaves as docs/ref says.
import crypto from 'node:crypto'
import http from 'node:http'

const sha = b => crypto.createHash('sha256').update(b).digest('hex')
const words = (hans, hant, en) => ({ 'zh-Hans': hans, 'zh-Hant': hant, en })
const season = { name: 'season', type: 'season', required: false, label: words('茬口', '茬口', 'Season') }
const note = { name: 'note', type: 'longText', common: true, label: words('备注', '備註', 'Note') }
const input = { name: 'product', type: 'input', required: true, label: words('投入品', '投入品', 'Input') }
const amount = (required, ...units) => [{ name: 'quantity', type: 'quantity', required, label: words('用量', '用量', 'Quantity') },
  { name: 'uom', type: 'uom', required, label: words('单位', '單位', 'Unit'), units: units.map(value => ({ value, label: words(...(UNITS[value] ?? [value, value, value])) })) }]
const UNITS = { kg: ['公斤', '公斤', 'kg'], g: ['克', '克', 'g'], mL: ['毫升', '毫升', 'mL'], bottle: ['瓶', '瓶', 'bottles'], bag: ['袋', '袋', 'bags'] }
const KINDS = [['sow', words('播种', '播種', 'Sow'), 'season', [season, note]], ['transplant', words('移栽', '移栽', 'Transplant'), 'season', [season, note]],
  ['fertilise', words('施肥', '施肥', 'Fertilise'), 'season', [season, input, ...amount(true, 'kg', 'g'), note]],
  ['spray', words('用药', '用藥', 'Spray'), 'season', [season, input, ...amount(true, 'mL', 'g'), { name: 'target', type: 'text', label: words('防治对象', '防治對象', 'Target') }, note]],
  ['irrigate', words('灌溉', '灌溉', 'Irrigate'), 'season', [season, note]], ['weed', words('除草', '除草', 'Weed'), 'season', [season, note]], ['prune', words('修剪', '修剪', 'Prune'), 'season', [season, note]],
  ['growth', words('巡查', '巡查', 'Look at the crop'), 'season', [season, { name: 'look', type: 'choice', options: [{ value: '10', label: words('苗期', '苗期', 'Seedling') }, { value: '60', label: words('开花', '開花', 'Flowering') }], label: words('生育期', '生育期', 'Stage') }, note]],
  ['harvest', words('采收', '採收', 'Harvest'), 'season', [season, ...amount(true, 'kg'), note]], ['sort', words('分拣', '分揀', 'Sort'), 'lots', [{ name: 'inputs', type: 'lots', required: true, label: words('投入批次', '投入批次', 'Lots that go in') }, note]], ['pack', words('包装', '包裝', 'Pack'), 'lots', [note]],
  ['receive-input', words('购进投入品', '購進投入品', 'Receive inputs'), 'place', [input, ...amount(true, 'bottle', 'bag'), note]]]
  .map(([act, title, subject, fields]) => ({ act, title, subject, fields }))
const square = (lon, lat) => ({ type: 'Polygon', coordinates: [[[lon, lat], [lon + 0.001, lat], [lon + 0.001, lat + 0.001], [lon, lat + 0.001], [lon, lat]]] })
export const PLACES = [{ code: 'Store', type: 'store', name: '农资仓库' }, { code: 'P1', type: 'plot', name: 'A-03 东头', outline: square(114.4095, 22.9895) }, { code: 'P2', type: 'plot', name: 'B-02 塘边', outline: square(114.42, 22.98) }]
export const SEASONS = [{ code: 'S2', plot: 'P2', crop: '莲藕' }, { code: 'S1', plot: 'P1', crop: '水稻' }]
const INPUTS = [{ code: 'Bt', name: '苏云金杆菌', registrationNumber: 'PD20084969', intervalDays: 7, labels: [{ crop: '莲藕', intervalDays: 14, maxUses: 2 }] }, { code: 'Urea', name: '尿素' }]

const USERS = { li: ['farm', 'secret of li'], wang: ['farm', 'secret of wang'], zhao: ['other', 'secret of zhao'] }

export function makeFarm() {
  const farm = { acts: new Map(), posts: 0, puts: 0, blobs: new Map(), sessions: new Map(), by: [], refuse: null, spoilt: 0 }
  const json = (res, status, value, headers = {}) => { res.writeHead(status, { 'Content-Type': 'application/json', ...headers }); res.end(JSON.stringify(value)) }
  const problem = (res, status, detail, more) => json(res, status, { type: '/problems/x', title: 'no', status, detail, ...more })
  const who = req => farm.sessions.get(/suyuan_session=(\w+)/.exec(req.headers.cookie ?? '')?.[1])

  function session(req, res, body) {
    if (req.method === 'POST') {
      const { name, password } = JSON.parse(body)
      if (USERS[name]?.[1] !== password) return problem(res, 401, 'name or password is wrong')
      const key = crypto.randomBytes(8).toString('hex')
      farm.sessions.set(key, name)
      res.writeHead(204, { 'Set-Cookie': `suyuan_session=${key}; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200` })
      return res.end()
    }
    if (!who(req)) return problem(res, 401, 'sign in')
    if (req.method === 'DELETE') { res.writeHead(204, { 'Set-Cookie': 'suyuan_session=; Path=/; Max-Age=0' }); return res.end() }
    json(res, 200, { actor: who(req), role: 'worker', org: USERS[who(req)][0], may: ['capture', 'query'] })
  }
  function act(req, res, body) {
    farm.posts++
    const a = JSON.parse(body), kind = KINDS.find(k => k.act === a.act), known = farm.acts.get(a.id)
    if (known) return known.digest === sha(body) ? json(res, 200, { eventID: known.eventID, findings: [] }) : problem(res, 409, 'another act has this id')
    const gone = (kind?.fields ?? []).filter(f => f.required && a[f.name] === undefined).map(f => ({ pointer: '/' + f.name, detail: 'must be there' }))
    if (!kind || gone.length || farm.refuse?.(a)) return problem(res, 400, 'the act cannot be', { errors: gone })
    farm.acts.set(a.id, { ...a, by: who(req), digest: sha(body), eventID: 'urn:uuid:' + a.id })
    json(res, 201, { eventID: 'urn:uuid:' + a.id, findings: [] })
  }
  function blob(req, res, body, hex) {
    const kept = farm.blobs.get(hex) ?? { bytes: Buffer.alloc(0), whole: false }
    if (req.method === 'HEAD') { res.writeHead(farm.blobs.has(hex) ? 200 : 404, { 'Upload-Offset': kept.bytes.length }); return res.end() }
    farm.puts++
    const at = Number(req.headers['upload-offset']), total = Number(req.headers['upload-length'])
    if (kept.whole) return json(res, 200, {})
    if (at !== kept.bytes.length) { res.writeHead(409, { 'Upload-Offset': kept.bytes.length }); return res.end() }
    kept.bytes = Buffer.concat([kept.bytes, body])
    farm.blobs.set(hex, kept)
    if (kept.bytes.length < total) { res.writeHead(204, { 'Upload-Offset': kept.bytes.length }); return res.end() }
    if (sha(kept.bytes) !== hex) { farm.blobs.delete(hex); farm.spoilt++; return problem(res, 422, 'the digest differs') }
    kept.whole = true
    json(res, 201, {})
  }
  farm.handle = (req, res, body) => {
    const p = new URL(req.url, 'http://x').pathname, m = /^\/api\/(?:blobs\/sha256\/(\w+)|(seasons)\/farm\/(\w+)(\/advice)?|(seasons|places|inputs|products|partners|crops|stock))$/.exec(p)
    if (p === '/api/session') return session(req, res, body)
    if (!who(req)) return problem(res, 401, 'sign in')
    farm.by.push(`${who(req)} ${req.method} ${p}`)
    if (p === '/api/acts/kinds') return json(res, 200, KINDS)
    if (p === '/api/acts' && req.method === 'POST') return act(req, res, body)
    if (m?.[1]) return blob(req, res, body, m[1])
    if (m?.[4]) return json(res, 200, { allowed: 'unknown', findings: [{ rule: 'interval', words: words('服务器说先问', '伺服器說先問', 'the server says: ask') }] })
    if (m?.[3]) return json(res, 200, { code: m[3], acts: [...farm.acts.values()].filter(a => a.season === 'farm/' + m[3]).map(a => ({ act: a.act, at: new Date(a.at).toISOString(), day: a.at.slice(0, 10), input: a.product && '/input/farm/' + a.product, eventID: a.eventID })) })
    if (m) return json(res, 200, { [m[5]]: { seasons: SEASONS, places: PLACES, inputs: INPUTS }[m[5]] ?? [] })
    problem(res, 404, 'nothing here')
  }
  return farm
}

const bodyOf = req => new Promise((done, fail) => { const all = []; req.on('data', d => all.push(d)).on('end', () => done(Buffer.concat(all))).on('error', fail) })

// `server`: the real one; `farm`: who answers /api/ instead of it, or none.  net.bad: every fifth connection is dropped and every fourth answer lost.
// net.away: nobody is there.  net.shift: the server's clock against this machine's, ms.
export async function makeNet(server, farm) {
  const net = { bad: false, away: false, shift: 0, asked: 0, dropped: 0, lost: 0, version: 1 }
  const front = http.createServer(async (req, res) => {
    if (net.away) return void req.socket.destroy()
    const api = req.url.startsWith('/api/')
    if (api && net.bad && ++net.asked % 5 === 0) { net.dropped++; return void req.socket.destroy() }
    const lose = api && net.bad && net.asked % 4 === 0
    let body
    try { body = await bodyOf(req) } catch { return }
    res.sendDate = false
    res.setHeader('Date', new Date(Date.now() + net.shift).toUTCString())
    if (lose) { const end = res.end.bind(res); res.writeHead = () => res; res.write = () => true; res.end = () => { net.lost++; req.socket.destroy(); return end } }
    if (farm && api) return farm.handle(req, res, body)
    const to = new URL(req.url, server)
    const up = http.request(to, { method: req.method, headers: { ...req.headers, host: to.host, ...(req.url === '/field/sw.js' ? { 'accept-encoding': 'identity' } : {}), ...(req.headers.origin ? { origin: to.origin } : {}) } }, async back => {
      const { date, connection, ...headers } = back.headers, got = await bodyOf(back)
      const other = net.version > 1 && req.url === '/field/sw.js'      // as another build of it would be
      if (other) delete headers['content-length']
      res.writeHead(back.statusCode, headers)
      res.end(other ? got + `\n// ${net.version}` : got)
    })
    up.on('error', () => req.socket.destroy())
    up.end(body)
  })
  await new Promise(done => front.listen(0, '127.0.0.1', done))
  net.url = `http://127.0.0.1:${front.address().port}`
  net.end = () => { front.closeAllConnections(); front.close() }
  return net
}
// What the real server tells whoever has a key.
export const asking = (server, key) => (at, type = 'json') => fetch(server + at, { headers: { Authorization: 'Bearer ' + key, Accept: 'application/json' } }).then(r => (r.ok ? r[type]() : Promise.reject(new Error(at + ' ' + r.status))))
