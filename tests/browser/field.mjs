// The phone's app in real Chromium, served by the real server; /api/ is answered by a farm of the test's own, behind a network that can fail.
// usage: node field.mjs URL-of-the-server [FOLDER-for-screenshots] [PART…]     Prints TAP.
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

import { makeFarm, makeNet } from './field_farm.mjs'
import { newFolder, phone, small, throwAway, violations, wide } from './phone.mjs'
import { end, ok, same } from './tap.mjs'

const [server, shots, ...parts] = process.argv.slice(2), day = 86400000
const shoot = async (p, name) => { if (shots && shots !== '-') await p.page.screenshot({ path: path.join(shots, `${name}.png`) }) }
async function until(what, patience = 60000) {
  for (const end = Date.now() + patience; Date.now() < end; await new Promise(done => setTimeout(done, 50))) if (await what()) return true
  return false
}
async function farmAndNet() { const farm = makeFarm(); return { farm, net: await makeNet(server, farm) } }
const clean = (p, name) => ok(p.bad.length === 0 && p.foreign.length === 0, `${name}: asks nobody else, breaks no policy, no error`, [...p.bad, ...p.foreign].join('\n'))

const tests = {
  async first() {
    const { farm, net } = await farmAndNet(), p = await phone(net.url), sizes = {}
    const cdp = await p.context.newCDPSession(p.page)
    await cdp.send('Network.enable')
    const names = new Map()
    cdp.on('Network.responseReceived', e => names.set(e.requestId, e.response.url))
    cdp.on('Network.loadingFinished', e => { const u = names.get(e.requestId) ?? ''; if (/\.(js|css)$/.test(u)) sizes[u.replace(/.*\//, '')] = e.encodedDataLength })
    await p.open()
    await p.page.waitForSelector('#enter')
    await shoot(p, 'enter')
    const total = Object.values(sizes).reduce((a, b) => a + b, 0)
    console.log(`# first load: ${total} bytes of scripts and styles on the wire: ${JSON.stringify(sizes)}`)
    ok(total > 1000 && total <= 90 * 1024, 'the first load is at most 90 KB of scripts and styles', sizes)
    await p.page.fill('#name', 'li')
    await p.page.fill('#password', 'wrong')
    await p.page.tap('#enter')
    await p.page.waitForSelector('.wrong')
    ok((await p.page.innerText('.wrong')).includes('不对'), 'a wrong password is told in words')
    await p.enter('li')
    ok((await p.page.locator('.tile').count()) >= 10, 'after signing in there is a tile for each act')
    await p.settled()

    // three taps
    let taps = 0
    await p.page.exposeFunction('tapped', () => { taps++ })
    await p.page.evaluate(() => addEventListener('click', () => tapped(), true))
    const before = Date.now()
    await p.tile('harvest')
    await p.page.waitForFunction(() => document.querySelector('#fix')?.textContent.includes('±'))
    await shoot(p, 'capture')
    await p.shoot()
    await shoot(p, 'check')
    await p.save()
    const kept = await p.kept()
    same([taps, kept.length], [3, 1], 'three taps from the tile to saved')
    const r = kept[0]
    same([r.state, r.missing], ['draft', ['quantity']], 'what is still missing is told, not guessed')
    ok(r.position?.accuracyM === 8 && Math.abs(r.position.lat - 22.99) < 1e-6 && r.files.length === 1 && r.files[0].position, 'with place and accuracy beside the photo', r)
    ok(Date.parse(r.at) >= before - 1500 && Date.parse(r.at) <= Date.now() + 1500 && r.at.endsWith('+08:00'), 'with its time', r.at)
    ok(r.subject.season === 'farm/S1', 'on the season of the plot where one stands', r.subject)
    ok(r.clock.deviceTime && r.clock.uptimeMs > 0 && r.clock.serverTime && r.clock.serverUptimeMs > 0, 'with evidence of its clock', r.clock)
    await p.page.waitForSelector('.pad .row')
    await shoot(p, 'home')
    await p.page.tap('.pad .row')
    await p.page.fill('#f-quantity', '120')
    await p.page.tap('#save')
    await p.says('全部已上传')
    const [sent] = farm.acts.values(), [blob] = farm.blobs.values()
    ok(sent.quantity === 120 && sent.uom === 'kg' && sent.evidence.length === 1 && blob.whole && sent.evidence[0].bytes === blob.bytes.length && blob.bytes.subarray(0, 2).toString('hex') === 'ffd8', 'completed later it leaves with its photo', sent)
    ok((await p.kept('files')).length === 0 && (await p.kept())[0].thumb.startsWith('data:image/jpeg'), 'the photo goes from the phone when it is there, a small picture stays')

    // the next of its kind takes what was said last
    await p.tile('harvest')
    await p.shoot()
    ok((await p.page.innerText('#same')).includes('120'), 'the next one takes the last values, and shows them')
    await shoot(p, 'check-same')
    await p.save()
    await p.says('全部已上传')
    ok([...farm.acts.values()].filter(a => a.quantity === 120).length === 2, 'and is sent without a further question')

    // without a signal
    await p.context.setOffline(true)
    await p.page.reload()
    await p.page.waitForSelector('.tile')
    ok((await p.status()).includes('没有信号'), 'without a signal it starts, and says so', await p.status())
    await p.record('growth')
    ok((await p.status()).includes('没有信号：1 条已存在手机里，不会丢'), 'the status says in words that nothing is lost', await p.status())
    await shoot(p, 'offline')
    await p.page.reload()
    await p.page.waitForSelector('.tile')
    ok((await p.status()).includes('没有信号：1 条'), 'also after the app was started anew')
    await p.page.tap('#tab-queue')
    await p.page.waitForSelector('.row[data-state=waiting]')
    await shoot(p, 'queue')
    await p.context.setOffline(false)
    await p.says('全部已上传')
    same([farm.acts.size, farm.spoilt], [3, 0], 'and with the signal it leaves by itself')
    clean(p, 'the first day')
    await p.end()
    net.end()
  },

  async thirty() {
    const { farm, net } = await farmAndNet(), folder = newFolder(), truth = []
    net.shift = -3 * day
    let p = await phone(net.url, { folder, shift: -3 * day })
    await p.open()
    await p.enter('li')
    await p.settled()
    await p.page.waitForFunction(() => document.querySelector('#where')?.options.length > 1)
    await p.end()
    for (let d = 0; d < 3; d++)
      for (let start = 0; start < 2; start++) {
        p = await phone(net.url, { folder, shift: (d - 3) * day + start * 3600000, offline: true })
        await p.open()
        await p.page.waitForSelector('.tile')
        for (let i = 0; i < 5; i++) {
          await p.tile(['growth', 'weed', 'irrigate', 'prune', 'sow'][i])
          const at = await p.page.evaluate(() => Date.now())
          if (i === 4) {
            const bytes = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), crypto.randomBytes(300000)])
            await p.page.locator('input[data-album]').setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer: bytes })
            await p.page.waitForSelector('#save')
            truth.push({ at, sha: crypto.createHash('sha256').update(bytes).digest('hex') })
          } else {
            await p.shoot()
            truth.push({ at })
          }
          await p.save()
        }
        if (start) await p.kill(); else await p.end()
      }
    p = await phone(net.url, { folder })
    await p.context.setOffline(true)
    await p.open()
    const kept = await p.kept(), files = await p.kept('files')
    same([kept.length, files.length], [30, 30], 'thirty records and photos of three days outlived six starts and three sudden ends')
    ok(files.every(f => f.digest === f.sha256), 'each photo has the digest that was taken at once')
    net.shift = 0
    farm.sessions.clear()         // three days are longer than a session
    await p.context.setOffline(false)
    await p.again('li')
    net.bad = true
    const late = Date.now()
    const all = await until(async () => (await p.kept()).every(r => r.state === 'done'), 240000)
    console.log(`# ${farm.posts} POSTs and ${farm.puts} PUTs for 30 records; ${net.dropped} connections dropped, ${net.lost} answers lost, ${Math.round((Date.now() - late) / 1000)} s`)
    ok(all && net.dropped > 10 && net.lost > 10, 'over a network that drops every fifth connection and loses every fourth answer all are sent', (await p.kept()).map(r => [r.state, r.tries, r.why]))
    same(farm.acts.size, 30, 'each is there exactly once')
    const blobs = [...farm.blobs], sha = b => crypto.createHash('sha256').update(b).digest('hex')
    ok(blobs.length === new Set(files.map(f => f.sha256)).size && blobs.every(([hex, b]) => b.whole && sha(b.bytes) === hex) && files.every(f => farm.blobs.has(f.sha256)) && truth.every(t => !t.sha || farm.blobs.has(t.sha)), 'the photos are identical by SHA-256', blobs.length)
    const times = [...farm.acts.values()].map(a => Date.parse(a.at)).sort((a, b) => a - b)
    ok(times.every((t, i) => Math.abs(t - truth[i].at) < 15000), 'the times are those of the shutter', times.map((t, i) => t - truth[i].at))
    ok([...farm.acts.values()].every(a => a.clock.deviceTime && typeof a.clock.uptimeMs === 'number' && a.clock.serverTime && a.clock.offsetMs === 0), 'each with the evidence of its clock', [...farm.acts.values()][0].clock)
    same((await p.kept('files')).length, 0, 'no photo is left on the phone')
    await p.page.tap('#tab-queue')
    await p.page.waitForSelector('.row[data-state=done] img')
    same(await p.page.locator('.row[data-state=done] img').count(), await p.page.locator('.row[data-state=done]').count() - 6, 'what was sent stays readable, with small pictures (six of them are no real pictures)')
    clean(p, 'three days')
    await p.end()
    net.end()
  },

  async killed() {
    const { net } = await farmAndNet(), folder = newFolder()
    let p = await phone(net.url, { folder })
    await p.open()
    await p.enter('li')
    await p.settled()
    await p.end()
    const found = []
    for (const moment of ['files', 'records', 'complete', 'files', 'complete']) {
      p = await phone(net.url, { folder, offline: true })
      await p.open()
      await p.page.waitForSelector('.tile')
      const before = (await p.kept()).length
      await p.tile('growth')
      await p.page.locator('input[data-album]').setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer: Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), crypto.randomBytes(6e6)]) })
      await p.page.waitForSelector('#save:not([disabled])')
      await p.page.evaluate(m => new Promise(done => {          // after the photo was put, after the record, after the transaction ended
        const put = IDBObjectStore.prototype.put
        IDBObjectStore.prototype.put = function (...a) {
          const r = put.apply(this, a)
          if (this.name === m) done()
          if (this.name === 'records' && m === 'complete') this.transaction.addEventListener('complete', () => done())
          return r
        }
        document.querySelector('#save').click()
      }), moment)
      await p.kill()
      p = await phone(net.url, { folder, offline: true })
      await p.open()
      const records = await p.kept(), files = await p.kept('files')
      found.push([moment === 'complete' ? records.length - before === 1 : records.length - before <= 1, records.length - before, records.length === files.length && files.every(f => f.digest === f.sha256 && records.some(r => r.id === f.record && r.files[0].sha256 === f.sha256))])
      await p.end()
    }
    ok(found.every(([right, , whole]) => right && whole), 'killed in the middle of a save: a record with its photo is there, or nothing of it', found)
    console.log(`# saved before the end: ${found.map(f => f[1]).join(' ')}`)
    net.end()
  },

  async storage() {
    const { net } = await farmAndNet()
    const p = await phone(net.url, { before: () => { self.left = 5e9; navigator.storage.estimate = async () => ({ quota: 6e9, usage: 6e9 - self.left }) } })
    await p.open()
    await p.enter('li')
    await p.settled()
    await p.context.setOffline(true)
    await p.page.evaluate(() => { self.left = 60e6 })
    await p.record('growth')
    await p.page.waitForSelector('#low')
    ok((await p.page.innerText('#low')).includes('57 MB'), 'storage that is nearly full is told in words', await p.page.innerText('#low'))
    await shoot(p, 'storage-low')
    await p.page.evaluate(() => { self.left = 1000 })
    await p.tile('weed')
    await p.shoot()
    await p.page.tap('#save')
    await p.page.waitForSelector('#bad')
    ok((await p.page.innerText('#bad')).includes('还没有存下') && await p.page.isVisible('#save') && (await p.kept()).length === 1, 'full: it says that nothing was saved, and keeps what it holds on the screen')
    await shoot(p, 'storage-full')
    await p.page.evaluate(() => { self.left = 5e9; const put = IDBObjectStore.prototype.put; let once = true; IDBObjectStore.prototype.put = function (...a) { if (once && this.name === 'files') { once = false; throw new DOMException('full', 'QuotaExceededError') } return put.apply(this, a) } })
    await p.save()
    same([(await p.kept()).length, (await p.kept('files')).length], [2, 2], 'a database that is full once is tried again, and there is one record of it')
    await p.page.evaluate(() => { const put = IDBObjectStore.prototype.put; IDBObjectStore.prototype.put = function (...a) { if (this.name === 'files') throw new DOMException('full', 'QuotaExceededError'); return put.apply(this, a) } })
    await p.tile('prune')
    await p.shoot()
    await p.page.tap('#save')
    await p.page.waitForSelector('#bad')
    same([(await p.kept()).length, (await p.kept('files')).length], [2, 2], 'a database that stays full keeps nothing by halves')
    await p.end()
    net.end()
  },

  async clock() {
    const { farm, net } = await farmAndNet(), folder = newFolder()
    let p = await phone(net.url, { folder })
    await p.open()
    await p.enter('li')
    await p.settled()
    await p.context.setOffline(true)
    await p.record('growth')
    await p.page.evaluate(d => setClock(-d), day)
    const truth = Date.now()
    await p.record('weed')
    await p.page.waitForSelector('#setback')
    ok((await p.page.innerText('#setback')).includes('24 小时'), 'a clock that was set back a day is noticed and told', await p.page.innerText('#setback'))
    await shoot(p, 'clock')
    const second = (await p.kept()).find(r => r.act === 'weed')
    ok(Math.abs(Date.parse(second.at) - truth) < 20000, 'the record bears the true time, reckoned from what has elapsed', second)
    ok(Math.abs(Date.parse(second.clock.deviceTime) - (truth - day)) < 20000, 'and beside it what the clock said', second.clock)
    await p.end()
    p = await phone(net.url, { folder, shift: -day })
    await p.context.setOffline(true)
    await p.open()
    await p.page.waitForSelector('#setback')
    await p.record('prune')
    const third = (await p.kept()).find(r => r.act === 'prune')
    ok(Date.parse(third.at) >= Date.parse(second.at) && Math.abs(Date.parse(third.at) - Date.now()) < 60000, 'also over a restart no record comes before an earlier one', third)
    ok(third.clock.serverUptimeMs === undefined, 'an uptime of another run is no evidence and stays out')
    await p.context.setOffline(false)
    await p.says('全部已上传')
    ok([...farm.acts.values()].every(a => Math.abs(Date.parse(a.at) - truth) < 90000) && [...farm.acts.values()].some(a => Math.abs(a.clock.offsetMs - day) < 5000), 'at the upload the server’s time shows by how much', [...farm.acts.values()].map(a => [a.at, a.clock]))
    await p.page.waitForFunction(() => !document.querySelector('#setback'))
    ok(true, 'and then the warning goes')
    await p.end()
    net.end()
  },

  async tabs() {
    const { farm, net } = await farmAndNet(), p = await phone(net.url)
    await p.open()
    await p.enter('li')
    await p.settled()
    await p.context.setOffline(true)
    for (const a of ['growth', 'weed', 'prune', 'irrigate', 'sow', 'growth']) await p.record(a)
    const second = p.watch(await p.context.newPage())
    await second.goto(net.url + '/field/')
    await second.waitForSelector('.tile')
    net.bad = true
    await p.context.setOffline(false)
    const sent = await until(async () => (await p.kept()).every(r => r.state === 'done'), 90000)
    ok(sent && farm.acts.size === 6 && farm.posts <= 6 + net.lost, 'two tabs send one queue, each record once', [farm.acts.size, farm.posts, net.lost])
    net.bad = false
    const said = await until(async () => (await second.innerText('#status')).includes('全部已上传') && (await p.status()).includes('全部已上传'), 20000)
    ok(said, 'and both say the same', [await p.status(), await second.innerText('#status')])
    clean(p, 'two tabs')
    await p.end()

    const old = await phone(net.url, { before: () => Object.defineProperty(navigator, 'locks', { value: undefined }) })
    await old.open()
    await old.enter('wang')
    await old.settled()
    await old.context.setOffline(true)
    for (const a of ['growth', 'weed', 'prune']) await old.record(a)
    const other = await old.context.newPage()
    await other.goto(net.url + '/field/')
    await other.waitForSelector('.tile')
    farm.posts = 0
    await old.context.setOffline(false)
    ok(await until(async () => (await old.kept()).every(r => r.state === 'done'), 60000) && farm.acts.size === 9 && farm.posts === 3, 'also where the browser has no locks', [farm.acts.size, farm.posts])
    await old.end()
    net.end()
  },

  async others() {
    const { farm, net } = await farmAndNet(), p = await phone(net.url)
    await p.open()
    await p.enter('li')
    await p.settled()
    await p.context.setOffline(true)
    await p.record('growth')
    await p.record('weed')
    await p.page.tap('#tab-mine')
    await p.page.tap('#leave')
    await p.page.waitForSelector('#enter')
    await p.context.setOffline(false)
    const second = p.watch(await p.context.newPage())
    await second.goto(net.url + '/field/')
    await p.enter('wang')
    ok((await p.status()).includes('还没有记录'), 'another user on the same phone sees an empty queue', await p.status())
    await p.page.tap('#tab-queue')
    await p.page.waitForSelector('.others')
    ok((await p.page.innerText('.others')).includes('li 的 2 条'), 'and is told whose records still wait')
    await shoot(p, 'others')
    same(await p.page.locator('.row').count(), 0, 'none of them can be opened')
    await p.page.tap('#tab-record')
    await p.record('prune')
    await p.says('全部已上传')
    await until(() => farm.acts.size === 1, 3000)
    same([...farm.acts.values()].map(a => [a.act, a.by]), [['prune', 'wang']], 'only what this user recorded is sent')

    // the cookie of one, the queue of the other: as when somebody signs in in a browser beside the app
    await p.context.clearCookies()
    await p.page.evaluate(() => fetch('/api/session', { method: 'POST', body: JSON.stringify({ name: 'li', password: 'secret of li' }) }))
    await p.record('sow')
    await p.says('要重新登录才能上传：1 条')
    same([farm.acts.size, [...farm.acts.values()].filter(a => a.act === 'sow').length], [1, 0], 'under another’s session nothing of this queue is sent')
    await shoot(p, 'login-again')
    await p.page.tap('#status button')
    await p.page.waitForSelector('#enter')
    await p.enter('wang')
    await p.says('全部已上传')
    same([...farm.acts.values()].filter(a => a.act === 'sow').map(a => a.by), ['wang'], 'after signing in again it is')
    await p.page.tap('#tab-mine')
    await p.page.tap('#leave')
    await p.page.waitForSelector('#enter')
    await p.enter('li')
    await p.says('全部已上传')
    same([...farm.acts.values()].map(a => [a.act, a.by]).sort(), [['growth', 'li'], ['prune', 'wang'], ['sow', 'wang'], ['weed', 'li']], 'and the first user’s two leave when that user is back')
    clean(p, 'two users')
    await p.end()
    net.end()
  },

  async refusing() {
    const { farm, net } = await farmAndNet(), p = await phone(net.url)
    await p.open()
    await p.enter('li')
    await p.settled()
    farm.refuse = a => a.act === 'weed'
    await p.context.setOffline(true)
    for (const a of ['growth', 'weed', 'prune', 'sow']) await p.record(a)
    await p.page.tap('#tab-queue')
    await p.page.tap('.row[data-state=waiting] >> nth=0')
    await p.page.tap('#remove')
    await shoot(p, 'delete')
    await p.page.tap('#remove-yes')
    await p.page.waitForFunction(() => document.querySelectorAll('.row').length === 3)
    ok((await p.kept('files')).length === 3, 'deleted before sending: the record goes with its photo')
    const wait = p.page.waitForEvent('download')
    await p.page.tap('#export')
    const file = JSON.parse(fs.readFileSync(await (await wait).path(), 'utf8')), kept = await p.kept('files')
    ok(file.records.length === 3 && file.records.every(r => r.send.id === r.id && crypto.createHash('sha256').update(Buffer.from(r.bytesOfFiles[0].base64, 'base64')).digest('hex') === r.files[0].sha256), 'the queue can be taken away as a file, photos and all', kept.length)
    await p.context.setOffline(false)
    await p.says('1 条被退回，请看')
    ok(await until(async () => farm.acts.size === 2 && (await p.kept()).filter(r => r.state === 'done').length === 2), 'a refused record does not stop the others')
    await shoot(p, 'refused')
    await p.page.tap('.row[data-state=refused]')
    ok((await p.page.innerText('.gap')).includes('the act cannot be'), 'and says why')
    farm.refuse = null
    await p.page.tap('#retry')
    await p.says('全部已上传')
    same(farm.acts.size, 3, 'tried again it arrives')
    await p.page.waitForSelector('#correct')
    await p.page.tap('#correct')
    await p.page.fill('#f-note', '其实是除草剂')
    await p.page.tap('#save')
    await until(() => farm.acts.size === 4)
    const c = [...farm.acts.values()].find(a => a.corrects)
    ok(c && c.note === '其实是除草剂' && farm.acts.has(c.corrects.replace('urn:uuid:', '')) && c.evidence.length === 1, 'a correction is a new record that names the old one and its photo', c)

    // a voice note
    await p.context.setOffline(true)
    await p.page.tap('#tab-record').catch(() => p.open())
    await p.page.waitForSelector('.tile')
    await p.record('harvest')
    await p.page.tap('.pad .row')
    await p.page.tap('#voice')
    await p.page.waitForFunction(() => /[12] 秒/.test(document.querySelector('#voice').innerText))
    await p.page.tap('#voice')
    await p.page.waitForSelector('.added li')
    await shoot(p, 'details')
    await p.page.fill('#f-quantity', '80')
    await p.page.tap('#save')
    await p.page.waitForSelector('.tile')
    await p.context.setOffline(false)
    await p.says('全部已上传')
    const h = [...farm.acts.values()].find(a => a.act === 'harvest')
    ok(h?.evidence.some(e => e.kind === 'audio' && /^audio\//.test(e.mediaType)) && h.evidence.every(e => farm.blobs.get(e.sha256)?.whole), 'a voice note leaves like a photo', h?.evidence)
    clean(p, 'refused, deleted, corrected')
    await p.end()
    net.end()
  },

  async asking() {
    const { net } = await farmAndNet(), p = await phone(net.url)
    await p.open()
    await p.enter('li')
    await p.settled()
    await p.page.selectOption('#where', 'S2')
    await p.tile('spray')
    await p.shoot()
    await p.page.tap('#fill')
    await p.page.selectOption('#f-product', 'Bt')
    await p.page.fill('#f-quantity', '50')
    await p.page.selectOption('#where', 'S2')
    await p.save()
    await p.says('全部已上传')
    await p.context.setOffline(true)
    await p.page.tap('#tab-ask')
    await p.page.selectOption('#where', 'S2')
    await p.page.waitForSelector('#verdict.bad')
    const from = new Date(Date.now() + 8 * 3600000 + 14 * day).toISOString().slice(0, 10), words = await p.page.innerText('#verdict')
    const [y, m, d] = from.split('-').map(Number)
    ok(words.includes(`${y}年${m}月${d}日起可以`) && words.includes('间隔 14 天') && words.includes('苏云金杆菌'), 'when may I harvest: answered without a signal, with date and reason', words)
    await shoot(p, 'ask')
    await p.page.fill('#ask-on', from)
    await p.page.waitForSelector('#verdict.good')
    ok(true, 'from that day on: yes')
    await p.page.tap('[data-ask=spray]')
    await p.page.selectOption('#ask-product', 'Urea')
    await p.page.waitForSelector('#verdict.warn')
    ok((await p.page.innerText('#verdict')).includes('说不准'), 'what the phone cannot know is no yes')
    await p.context.setOffline(false)
    await p.page.waitForFunction(() => document.querySelector('#verdict')?.innerText.includes('服务器说先问'))
    ok(true, 'with a signal the server is asked')
    clean(p, 'asking')
    await p.end()
    net.end()
  },

  async looks() {
    const { net } = await farmAndNet(), p = await phone(net.url)
    await p.open()
    for (const lang of ['zh-Hans']) {
      const v = await violations(p.page)
      ok(v.length === 0, `signing in, ${lang}: axe finds nothing`, v.join('\n'))
    }
    await p.enter('li')
    await p.settled()
    await p.record('growth')
    await p.record('spray')
    await p.says('要补充')
    const [done] = (await p.kept()).filter(r => r.act === 'growth'), [draft] = (await p.kept()).filter(r => r.act === 'spray')
    const screens = { home: '/', capture: '/do/harvest', queue: '/queue', ask: '/ask', mine: '/mine', details: '/edit/' + draft.id, record: '/record/' + done.id, scan: '/scan/sign/%2F', enter: '/enter' }
    for (const [lang, want] of [['zh-Hans', '现在做什么'], ['zh-Hant', '現在做什麼'], ['en', 'What are you doing']])
      for (const big of [false, true]) {
        await p.open('/mine')
        await p.page.tap(`[data-lang="${lang}"]`)
        if (await p.page.getAttribute('#big', 'aria-pressed') !== String(big)) await p.page.tap('#big')
        const what = lang + (big ? ', big type' : '')
        await p.open('/')
        ok((await p.page.innerText('h1')).includes(want) && await p.page.getAttribute('html', 'lang') === lang, `${what}: it speaks it`)
        for (const [name, view] of Object.entries(screens)) {
          await p.page.evaluate(v => { location.hash = v }, view)
          await p.page.waitForFunction(v => document.querySelector('main') && decodeURI(location.hash) === decodeURI('#' + v), view)
          if (name === 'capture') { await p.page.waitForSelector('#shoot:not([disabled])'); await check(name, what, big); await p.page.tap('#shoot'); await p.page.waitForSelector('#save'); await p.page.tap('#fill'); await check('save', what, big); continue }
          if (name === 'scan') await p.page.waitForSelector('#scan-said')
          await check(name, what, big)
        }
      }
    async function check(name, what, big) {
      await p.page.waitForTimeout(150)
      if (lang3(what)) await shoot(p, `${name}-${what.replace(/, /, '-').replace(' ', '-')}`)
      const v = await violations(p.page), w = await wide(p.page), s = await small(p.page, big ? 60 : 44)
      ok(v.length === 0, `${name}, ${what}: axe finds nothing`, v.join('\n'))
      ok(w.length === 0, `${name}, ${what}: nothing sticks out`, w.join('\n'))
      ok(s.length === 0, `${name}, ${what}: every target is at least ${big ? 60 : 44} px`, s.join('\n'))
    }
    function lang3() { return true }
    clean(p, 'looking around')
    await p.end()
    net.end()
  },

  async update() {
    const { net } = await farmAndNet(), p = await phone(net.url)
    await p.open()
    await p.enter('li')
    await p.settled()
    await p.page.reload()
    await p.page.waitForSelector('.tile')
    await p.tile('growth')
    await p.shoot()
    net.version = 2
    await p.page.evaluate(() => navigator.serviceWorker.getRegistration('/field/').then(r => r.update()))
    await until(() => p.page.evaluate(() => navigator.serviceWorker.getRegistration('/field/').then(r => !!r.waiting)))
    ok(!(await p.page.isVisible('#update')), 'a new version does not disturb while something is not saved')
    await p.save()
    await p.page.waitForSelector('#update')
    await shoot(p, 'update')
    ok((await p.kept()).length === 1, 'it is offered when everything is on the disk')
    const again = p.page.waitForNavigation()
    await p.page.tap('#update button')
    await again
    await p.page.waitForSelector('.tile')
    ok(!(await p.page.isVisible('#update')) && (await p.kept()).length === 1, 'and taken at a tap, with every record where it was')
    clean(p, 'a new version')
    await p.end()
    net.end()
  },

  async scan() {
    const sign = JSON.parse(fs.readFileSync(process.env.SUYUAN_SIGN, 'utf8'))
    const { net } = await farmAndNet(), p = await phone(net.url)
    await p.open()
    await p.enter('li')
    await p.settled()
    ok(!(await p.page.evaluate(() => caches.keys().then(async names => (await Promise.all(names.map(async n => (await (await caches.open(n)).keys()).map(r => r.url)))).flat()))).some(u => u.endsWith('.wasm')), 'the decoder of codes is no part of the first load')
    await p.page.evaluate(rows => {          // the camera looks at the sign
      const c = document.createElement('canvas'), k = 10, edge = 40
      c.width = c.height = rows.length * k + 2 * edge
      const draw = () => {
        const g = c.getContext('2d')
        g.fillStyle = '#e8e4d8'
        g.fillRect(0, 0, c.width, c.height)
        g.fillStyle = '#1a1a1a'
        rows.forEach((row, y) => row.forEach((dark, x) => dark && g.fillRect(edge + x * k, edge + y * k, k, k)))
      }
      setInterval(draw, 100)
      draw()
      navigator.mediaDevices.getUserMedia = async () => c.captureStream(10)
    }, sign)
    ok(await p.page.locator('#where').inputValue() === 'S1', 'one stands on one plot')
    await p.page.tap('#scan-sign')
    await p.page.waitForFunction(() => document.querySelector('#where')?.value === 'S2')
    ok((await p.page.innerText('.where')).includes('按地块牌'), 'the sign of another plot is scanned, and that is where the next record belongs')
    await p.tile('growth')
    await p.shoot()
    ok(await p.page.locator('#where').inputValue() === 'S2', 'it stays so in the record')
    clean(p, 'scanning')
    await p.end()
    net.end()
  },

  async weak() {
    const { net } = await farmAndNet(), p = await phone(net.url), cdp = await p.context.newCDPSession(p.page)
    await cdp.send('Network.enable')
    await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 300, downloadThroughput: 50 * 1024, uploadThroughput: 50 * 1024 })
    const began = Date.now()
    await p.open()
    await p.page.waitForSelector('#enter')
    const seen = Date.now() - began
    console.log(`# 50 KB/s, 300 ms: signing in is seen after ${seen} ms`)
    ok(seen < 12000, 'at 50 KB/s and 300 ms it starts', seen)
    await p.enter('li')
    await p.record('growth')
    await p.says('全部已上传', 60000)
    ok(true, 'and a record with its photo arrives')
    await p.settled()
    const again = Date.now()
    await p.page.reload()
    await p.page.waitForSelector('.tile')
    console.log(`# the second start: ${Date.now() - again} ms`)
    ok(Date.now() - again < 4000, 'the second start needs no network', Date.now() - again)
    clean(p, 'a weak link')
    await p.end()
    net.end()
  },
}

for (const [name, test] of Object.entries(tests)) {
  if (parts.length && !parts.includes(name)) continue
  const began = Date.now()
  try { await test() } catch (e) { ok(false, `${name} runs to its end`, e.stack) }
  console.log(`# ${name}: ${Math.round((Date.now() - began) / 1000)} s`)
}
throwAway()
end()
