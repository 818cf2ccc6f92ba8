// A log made for tests: leaves, tree, checkpoints, cosignatures and a file of proof, from events.  By the definitions of RFC 6962 and node's own
// crypto, so that it shares nothing with what is tested.
import crypto from 'node:crypto'

export const sha = (...parts) => crypto.createHash('sha256').update(Buffer.concat(parts.map(p => Buffer.from(p)))).digest()
const b64 = x => Buffer.from(x).toString('base64')

function below(n) {             // the largest power of two below n
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}
export function root(leaves) {
  if (leaves.length === 0) return sha('')
  if (leaves.length === 1) return leaves[0]
  const k = below(leaves.length)
  return sha([1], root(leaves.slice(0, k)), root(leaves.slice(k)))
}
export function path(m, leaves) {
  if (leaves.length === 1) return []
  const k = below(leaves.length)
  return m < k ? [...path(m, leaves.slice(0, k)), root(leaves.slice(k))] : [...path(m - k, leaves.slice(k)), root(leaves.slice(0, k))]
}

export function signer(name, type) {
  const { publicKey, privateKey } = crypto.generateKeyPairSync('ed25519')
  const key = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)
  const raw = Buffer.concat([Buffer.from([type]), key]), id = sha(name + '\n', raw).subarray(0, 4)
  const line = signature => `\u2014 ${name} ${b64(Buffer.concat([id, signature]))}\n`
  return {
    key, vkey: `${name}+${id.toString('hex')}+${b64(raw)}`,
    raw: text => crypto.sign(null, Buffer.from(text), privateKey),
    sign: text => line(crypto.sign(null, Buffer.from(text), privateKey)),
    cosign(text, time) {
      const when = Buffer.alloc(8)
      when.writeBigUInt64BE(BigInt(time))
      return line(Buffer.concat([when, crypto.sign(null, Buffer.from(`cosignature/v1\ntime ${time}\n${text}`), privateKey)]))
    },
  }
}

const stamp = text => new Date(text).toISOString().replace(/(\.\d{3})Z$/, '$1000Z')
const leafOf = (type, ms, commitment) => {
  const b = Buffer.alloc(42)
  b[0] = 1
  b[1] = type
  b.writeBigUInt64BE(BigInt(ms), 2)
  Buffer.from(commitment).copy(b, 10)
  return b
}
const commit = (salt, hash) => sha('ftlog commit v1\0', salt, hash)

// `events`: { org, number, text (JSON), signed } in order; records of an organisation from number 1 on make a chain, one that is left out is there with
// some text.  `every`: a cosigned checkpoint after each so many events.  `seal`: { org, subject, about: text => bool }.
export function makeLog(events, { witnesses = 3, quorum = 2, every = 1, seal, start = Date.parse('2026-11-01T00:00:00Z') } = {}) {
  const origin = 'log.example.org/trace', log = signer(origin, 1)
  const seers = Array.from({ length: witnesses }, (_, i) => signer(`w${i + 1}.example.net`, 4)), device = signer('phone', 1)
  const leaves = [], records = [], checkpoints = [], before = new Map(), last = new Map()
  const add = (type, hash, said) => {
    const salt = crypto.randomBytes(32), ms = start + leaves.length * 60000, commitment = commit(salt, hash)
    leaves.push(sha([0], leafOf(type, ms, commitment)))
    if (said) records.push({ type, index: leaves.length - 1, recordedMs: ms, salt: b64(salt), ...said, commitment })
  }
  const record = (org, number, text, time, signed, kept) => {
    const digest = sha(text)
    const value = signed ? device.raw(Buffer.concat([Buffer.from('suyuan signature v1\n'), digest])) : undefined
    const header = `suyuan record v1\n/org/${org}\n${number}\n${(before.get(org) ?? Buffer.alloc(32)).toString('hex')}\n${stamp(time)}\n${signed ? sha(device.key, value).toString('hex') : '-'}\n`
    const hash = sha(header, digest)
    before.set(org, hash)
    last.set(org, number)
    add(1, hash, kept && { header, event: text, ...(signed && { signature: { key: b64(device.key), value: b64(value), name: 'phone' } }) })
  }
  const note = size => {
    const text = `${origin}\n${size}\n${b64(root(leaves.slice(0, size)))}\n`, time = Math.floor((start + size * 60000) / 1000) + 5
    return text + '\n' + log.sign(text) + seers.map((w, i) => w.cosign(text, time + i)).join('')
  }
  for (const [i, e] of events.entries()) {
    for (let n = (last.get(e.org) ?? 0) + 1; n < e.number; n++) record(e.org, n, '{"other":1}', '2026-01-01T00:00:00Z', false, false)
    record(e.org, e.number, e.text, JSON.parse(e.text).eventTime, e.signed, true)
    if ((i + 1) % every === 0) checkpoints.push(leaves.length)
  }
  if (seal) {
    const list = records.filter(r => r.type === 1 && seal.about(r.event)).map(r => r.commitment).sort(Buffer.compare)
    const statement = `suyuan statement v1\n5\n/org/${seal.org}\n1\n${seal.subject}\n${last.get(seal.org)} ${list.length} ${sha(...list).toString('hex')}\n`
    add(5, sha(statement), { statement, commitments: list.map(b64) })
  }
  for (let i = 0; i < 5; i++) add(2, crypto.randomBytes(32))
  return { bundle: bundleOf(leaves, records, [leaves.length, ...checkpoints], note, witnesses), policy: policyOf(log, seers, quorum) }
}

function policyOf(log, seers, quorum) {
  const lines = [`log ${log.vkey}`, ...seers.map((w, i) => `witness w${i + 1} ${w.vkey}`)]
  return [...lines, ...(quorum ? [`group enough ${quorum} ${seers.map((_, i) => `w${i + 1}`).join(' ')}`, 'quorum enough'] : ['quorum none']), ''].join('\n')
}

function bundleOf(leaves, records, sizes, note, witnesses) {
  const hashes = [], at = new Map()
  const numbers = list => list.map(h => {
    const code = b64(h)
    if (!at.has(code)) at.set(code, hashes.push(code) - 1)
    return at.get(code)
  })
  const list = records.map(({ commitment: _, ...r }) => {
    const i = sizes.findIndex((size, n) => n > 0 && size > r.index)
    return { ...r, proof: numbers(path(r.index, leaves)), ...(i > 0 && witnesses && { first: { checkpoint: i, proof: numbers(path(r.index, leaves.slice(0, sizes[i]))) } }) }
  })
  return { format: 'suyuan-proof/1', item: '/lot/farm/A1', made: '2026-11-28T08:00:00Z', checkpoints: sizes.map(note), hashes, records: list }
}

// One byte of a file of proof changed: each kind by its name, what must turn red (a record's index in the list, or 'all'), and the change, which is
// made in place.
const flip = text => text.replace(/[A-Za-z0-9](?=[^A-Za-z0-9]*$)/, c => (c === 'x' ? 'y' : 'x'))
const flipBase64 = text => (text[5] === 'A' ? text.slice(0, 5) + 'B' : text.slice(0, 5) + 'A') + text.slice(6)
const seals = b => b.records.findIndex(r => r.type === 5)
export const tamperings = {
  'the text of an event': { red: 2, do: b => (b.records[2].event = b.records[2].event.replace(/}$/, ' }')) },
  'a word in an event': { red: 2, do: b => (b.records[2].event = b.records[2].event.replace(/"bizStep":"([^"]*)[^"]"/, '"bizStep":"$1x"')) },
  'the time in an event': { red: 2, do: b => (b.records[2].event = b.records[2].event.replace(/"eventTime":"(\d{3})\d/, (m, y) => m.slice(0, -4) + y + '9')) },
  'the header': { red: 2, do: b => (b.records[2].header = b.records[2].header.replace(/\n(\d+)\n/, (m, n) => `\n${Number(n) + 1000}\n`)) },
  'the salt': { red: 2, do: b => (b.records[2].salt = flipBase64(b.records[2].salt)) },
  'the time of recording': { red: 2, do: b => (b.records[2].recordedMs += 1) },
  'the place in the log': { red: 2, do: b => (b.records[2].index ^= 1) },
  'a hash of the proof': { red: 2, do: b => b.records[2].proof.splice(0, 1, b.hashes.push(flipBase64(b.hashes[b.records[2].proof[0]])) - 1) },
  'a proof cut short': { red: 2, do: b => b.records[2].proof.pop() },
  'the proof of the first witness': { red: 2, do: b => b.records[2].first.proof.splice(0, 1, b.hashes.push(flipBase64(b.hashes[b.records[2].first.proof[0]])) - 1) },
  'the older checkpoint': { red: 2, do: b => (b.checkpoints[b.records[2].first.checkpoint] = b.checkpoints[b.records[2].first.checkpoint].replace(/\n\d+\n/, '\n9\n')) },
  'the first witness of the older checkpoint': { red: 2, do: b => (b.checkpoints[b.records[2].first.checkpoint] = b.checkpoints[b.records[2].first.checkpoint]
    .replace(/(w1.example.net [A-Za-z0-9+/]{40})(.)/, (m, a, c) => a + (c === 'A' ? 'B' : 'A'))) },
  "the device's signature": { red: 1, do: b => (b.records[1].signature.value = flipBase64(b.records[1].signature.value)) },
  "the device's key": { red: 1, do: b => (b.records[1].signature.key = flipBase64(b.records[1].signature.key)) },
  "a device's signature left out": { red: 1, do: b => delete b.records[1].signature },
  'a commitment of the seal': { red: seals, do: b => (b.records[seals(b)].commitments[0] = flipBase64(b.records[seals(b)].commitments[0])) },
  'a commitment left out of the seal': { red: seals, do: b => b.records[seals(b)].commitments.pop() },
  'the statement of the seal': { red: seals, do: b => (b.records[seals(b)].statement = flip(b.records[seals(b)].statement)) },
  'the root of the checkpoint': { red: 'all', do: b => (b.checkpoints[0] = b.checkpoints[0].replace(/\n([A-Za-z0-9+/=]{44})\n/, (m, r) => `\n${flipBase64(r)}\n`)) },
  'the size of the checkpoint': { red: 'all', do: b => (b.checkpoints[0] = b.checkpoints[0].replace(/\n(\d+)\n/, (m, n) => `\n${Number(n) + 1}\n`)) },
  "the log's signature": { red: 'all', do: b => (b.checkpoints[0] = b.checkpoints[0].replace(/(trace [A-Za-z0-9+/]{20})(.)/, (m, a, c) => a + (c === 'A' ? 'B' : 'A'))) },
  'a cosignature': { red: 'all', do: b => (b.checkpoints[0] = b.checkpoints[0].replace(/(w2.example.net [A-Za-z0-9+/]{40})(.)/, (m, a, c) => a + (c === 'A' ? 'B' : 'A'))) },
  'too few cosignatures': { red: 'all', do: b => (b.checkpoints[0] = b.checkpoints[0].replace(/\u2014 w[12].*\n/g, '')) },
}
