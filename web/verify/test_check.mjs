// The check without a page: honest proofs hold, each changed byte is found where it is.  node --test
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import fs from 'node:fs'
import test from 'node:test'

import { makeLog, path, root, sha, signer, tamperings } from '../../tests/support/made_log.mjs'
import { checkBundle, readBundle } from './bundle.js'
import { base64, decimal, hex } from './bytes.js'
import { isSigned } from './ed25519.js'
import { cosignedAt, isSignedBy, readCheckpoint, readKey } from './note.js'
import { openCheckpoint, readPolicy } from './policy.js'
import { headerTime } from './record.js'
import { names } from './seal.js'
import { sha256, sha512 } from './sha2.js'
import { leafHash, rootOf } from './tree.js'

const LOT = 'https://h.example/lot/farm/A1'
const events = n => Array.from({ length: n }, (_, i) => ({
  org: i % 7 === 3 ? 'mill' : 'farm', number: 2 * i + 1, signed: i % 3 === 1,
  text: JSON.stringify({ action: 'OBSERVE', bizStep: 'inspecting', eventTime: `2026-10-${10 + i % 20}T08:00:00+08:00`, note: '稻 😀', quantityList: [{ epcClass: LOT, quantity: i }] }) }))
const seal = { org: 'farm', subject: '/lot/farm/A1', about: () => true }
const honest = makeLog(events(12), { seal })
const copy = x => JSON.parse(JSON.stringify(x))
const check = (bundle, policy = honest.policy) => checkBundle(bundle, readPolicy(policy))

test('an honest file of proof holds, record for record', async () => {
  const told = []
  const r = await checkBundle(readBundle(JSON.stringify(honest.bundle)), readPolicy(honest.policy), (done, of) => told.push([done, of]))
  assert.deepEqual(r.records.map(x => x.why), Array(13).fill(undefined))
  assert.equal(r.ok, true)
  assert.equal(told.length, 13)
  assert.equal(r.records[1].signed, true)
  assert.equal(r.records[0].signed, undefined)
  assert.ok(r.records[0].witnessed < r.newest.times.get('w1'), 'first witnessed before the newest checkpoint')
})

for (const [what, { red, do: change }] of Object.entries(tamperings)) {
  test(`${what}, altered, is found in its place and nowhere else`, async () => {
    const bundle = copy(honest.bundle)
    change(bundle)
    assert.notDeepEqual(bundle, honest.bundle, 'something was altered')
    const r = await check(bundle), bad = r.records.flatMap((x, i) => (x.why ? [i] : []))
    const want = red === 'all' ? r.records.map((_, i) => i) : [typeof red === 'function' ? red(bundle) : red]
    assert.deepEqual(bad, want, r.records.map(x => x.why).join())
    assert.equal(r.ok, false)
  })
}

test('each byte of a small file of proof counts', async () => {
  const { bundle, policy } = makeLog(events(2).map(e => ({ ...e, number: e.number === 1 ? 1 : 2, org: 'farm' })), { witnesses: 1, quorum: 1, every: 2 })
  const text = JSON.stringify(bundle), p = readPolicy(policy), unseen = []
  // no proof rests on what a device calls itself; and without `first` or an older checkpoint's lines a record is as proven, and said to be witnessed later
  const free = [...text.matchAll(/"name":"phone"|"first"|\\n\\n\u2014 (?=[^"]*w1)[^"]*/g)].slice(1).map(m => [m.index, m.index + m[0].length])
  const honestly = await checkBundle(readBundle(text), p), times = honestly.records.map(r => r.witnessed)
  assert.equal(honestly.ok, true)
  for (let i = text.indexOf('"checkpoints"'); i < text.length; i++) {
    const b = readBundle(text.slice(0, i) + (text[i] === '7' ? '8' : '7') + text.slice(i + 1))
    const r = b && await checkBundle(b, p)
    if (r?.ok && (r.records.some((x, k) => x.witnessed < times[k]) || !free.some(([from, to]) => i >= from && i < to))) unseen.push(text.slice(i - 12, i + 6))
  }
  assert.deepEqual(unseen, [])
})

test('when it was first witnessed rests on the earliest line alone, and is never told earlier than one bears out', async () => {
  const older = honest.bundle.records[2].first.checkpoint, without = async change => {
    const bundle = copy(honest.bundle)
    bundle.checkpoints[older] = change(bundle.checkpoints[older])
    assert.notEqual(bundle.checkpoints[older], honest.bundle.checkpoints[older])
    return (await check(bundle)).records[2]
  }
  const { witnessed } = (await check(honest.bundle)).records[2], newest = (await check(honest.bundle)).newest.time
  const spoilt = name => c => c.replace(new RegExp(`(${name} [A-Za-z0-9+/]{40})(.)`), (m, a, x) => a + (x === 'A' ? 'B' : 'A'))
  for (const [change, why, time] of [[spoilt('trace'), undefined, witnessed], [spoilt('w2.example.net'), undefined, witnessed], [spoilt('w1.example.net'), 'first'],
    [c => c.replace(/\u2014 w1.*\n/, ''), undefined, witnessed + 1], [c => c.replace(/\u2014 w.*\n/g, ''), undefined, newest],
    [c => c.replace(/\u2014 w1.*\n/, m => m.replace(/\S+\n/, 'AAAAAAAA\n')), undefined, witnessed + 1]]) {
    const r = await without(change)
    assert.equal(r.why, why)
    if (!why) assert.equal(r.witnessed, time)
  }
})

test('records that contradict each other are found although each is in the log', async () => {
  const log = makeLog([{ org: 'farm', number: 1, text: events(1)[0].text }, { org: 'farm', number: 1, text: events(2)[1].text }])
  const r = await check(log.bundle, log.policy)
  assert.equal(r.records[1].why, 'chain')
})

test('a record withheld from a seal is found', async () => {
  const log = makeLog(events(6), { seal: { ...seal, about: text => !text.includes('"quantity":2') } })
  const r = await check(log.bundle, log.policy)
  assert.deepEqual(r.records.map(x => x.why).filter(Boolean), ['seal'])
})

test('without witnesses a policy without quorum is enough, and says so', async () => {
  const log = makeLog(events(3), { witnesses: 0, quorum: 0 })
  const r = await check(log.bundle, log.policy)
  assert.equal(r.ok, true)
  assert.equal(r.records[0].witnessed, undefined)
})

test("another log's proof does not hold under this policy", async () => {
  const other = makeLog(events(3))
  assert.equal((await check(other.bundle)).newest.why, 'logsig')
})

test('what is no file of proof is none, whatever it is', async () => {
  for (const text of ['', '{', 'null', '[]', '{"format":"suyuan-proof/2"}', '{"format":"suyuan-proof/1","checkpoints":[],"hashes":[],"records":[]}'])
    assert.equal(readBundle(text), undefined, text)
  const odd = [null, 1, {}, { type: 1 }, { type: 1, index: 0, recordedMs: 0, salt: 'AA==' }, { ...honest.bundle.records[0], proof: 'x' },
    { ...honest.bundle.records[0], event: 'null' }, { ...honest.bundle.records[0], event: 7 }, { ...honest.bundle.records[0], header: null },
    { ...honest.bundle.records[1], signature: 3 }, { ...honest.bundle.records[0], first: 7 }, { ...honest.bundle.records[0], first: { checkpoint: 'x', proof: [-1] } },
    { ...honest.bundle.records[12], commitments: [1, null] }, { ...honest.bundle.records[12], statement: {} }, { ...honest.bundle.records[0], type: 9 }]
  const r = await check({ ...honest.bundle, records: odd })
  assert.deepEqual(r.records.filter(x => !x.why), [])
  assert.ok((await check({ ...honest.bundle, checkpoints: [7] })).newest.why)
})

test('inclusion as RFC 6962 defines it, for every leaf of trees up to 40', () => {
  const leaves = Array.from({ length: 40 }, (_, i) => sha([0], `leaf ${i}`))
  for (let n = 1; n <= 40; n++)
    for (let m = 0; m < n; m++) {
      const proof = path(m, leaves.slice(0, n)), want = root(leaves.slice(0, n)).toString('hex')
      assert.equal(hex(rootOf(m, n, leaves[m], proof)), want)
      if (proof.length) assert.equal(rootOf(m, n, leaves[m], proof.slice(1)), undefined)
      assert.equal(rootOf(m, n, leaves[m], [...proof, leaves[0]]), undefined)
      assert.equal(rootOf(n, n, leaves[m], proof), undefined)
    }
  assert.equal(rootOf(2 ** 40, 2 ** 40 + 1, leaves[0], [leaves[1]]) && hex(rootOf(2 ** 40, 2 ** 40 + 1, leaves[0], [leaves[1]])), sha([1], leaves[1], leaves[0]).toString('hex'))
})

for (const [name, ours] of Object.entries({ sha256, sha512 })) {
  test(`${name} agrees with another implementation`, () => {
    for (let n = 0; n < 700; n++) {
      const m = crypto.randomBytes(n)
      assert.equal(hex(ours(m)), crypto.createHash(name).update(m).digest('hex'), `${n} bytes`)
    }
  })
}

for (const native of [true, false]) {
  test(`Ed25519 ${native ? 'as it is here' : 'without help'}: signatures of another implementation hold, altered ones do not`, async () => {
    const s = signer('a', 1), m = new TextEncoder().encode('text'), good = new Uint8Array(s.raw(m)), key = new Uint8Array(s.key)
    const had = Object.getOwnPropertyDescriptor(globalThis, 'crypto')
    if (!native) Object.defineProperty(globalThis, 'crypto', { value: undefined, configurable: true })
    try {
      assert.equal(await isSigned(key, good, m), true)
      for (const i of [0, 31, 32, 63]) assert.equal(await isSigned(key, good.map((x, at) => (at === i ? x ^ 1 : x)), m), false)
      assert.equal(await isSigned(key, good, new TextEncoder().encode('texT')), false)
      assert.equal(await isSigned(new Uint8Array(32).fill(255), good, m), false)
      assert.equal(await isSigned(key, good.subarray(1), m), false)
    } finally {
      if (had) Object.defineProperty(globalThis, 'crypto', had)
    }
  })
}

test('texts that are not the one spelling of their bytes are refused', () => {
  for (const t of ['AA', 'AB==', 'A A=', 'AA==\n', 'AA=', '____', 'AAAA=', undefined, 3]) assert.equal(base64(t), undefined, String(t))
  for (const t of ['', '01', '-1', '1e3', '9007199254740993', ' 1']) assert.equal(decimal(t), undefined, t)
  assert.equal(headerTime('2026-03-15T09:20:00.1234567+08:00'), '2026-03-15T01:20:00.123456Z')
  assert.equal(headerTime('yesterday'), undefined)
})

test('keys and policies: what is crooked is refused', () => {
  const w = signer('w', 4).vkey, l = signer('l', 1).vkey
  assert.equal(readKey(w).name, 'w')
  for (const k of [w.replace('w+', 'v+'), w.slice(0, -4), 'w', 'a b+00000000+AAAA', undefined]) assert.equal(readKey(k), undefined, k)
  assert.ok(readPolicy(`# hello\nlog ${l} https://l\n\nwitness a ${w}\ngroup g any a # so\nquorum g\n`))
  for (const p of ['', `log ${l}`, 'quorum none', `log ${l}\nquorum x`, `log ${l}\nwitness a ${w}\nwitness a ${w}\nquorum a`, `log ${l}\ngroup g 2 a\nquorum g`,
    `log ${l}\nwitness a ${w}\ngroup g 2 a\nquorum g`, `log ${l}\nwitness a ${w}\ngroup g 0 a\nquorum g`, `log ${l}\nquorum none\nquorum none`, `log ${l}\nfrog\nquorum none`])
    assert.equal(readPolicy(p), undefined, p)
})

test('a thing is named by its own address, whatever host printed it', () => {
  assert.ok(names({ epcList: [LOT] }, '/lot/farm/A1'))
  assert.ok(names({ outputQuantityList: [{ epcClass: 'http://other/lot/farm/A1' }] }, '/lot/farm/A1'))
  assert.ok(names({ parentID: 'urn:epc:id:sscc:1' }, 'urn:epc:id:sscc:1'))
  for (const e of [{}, { epcList: ['https://h.example/x/lot/farm/A1'] }, { epcList: 'x' }, { quantityList: [null, 3] }]) assert.equal(names(e, '/lot/farm/A1'), false)
})

const own = new URL(`${process.env.SUYUAN_CONFORMANCE ?? new URL('../../../shared/data', import.meta.url).pathname}/tlog/own/`, 'file:')
test('proofs and checkpoints of the shared vectors', { skip: !fs.existsSync(own) && 'public test data not here (SUYUAN_CONFORMANCE)' }, async () => {
  const vectors = JSON.parse(fs.readFileSync(new URL('vectors.json', own))), log = readKey(vectors.keys.log.vkey), seen = []
  for (const name of fs.readdirSync(own).filter(n => n.endsWith('.tlog-proof'))) {
    const text = fs.readFileSync(new URL(name, own), 'utf8'), cut = text.indexOf('\n\n')
    const lines = text.slice(0, cut).split('\n'), c = readCheckpoint(text.slice(cut + 2))
    const index = Number(lines.find(l => l.startsWith('index ')).slice(6)), proof = lines.filter(l => /^[A-Za-z0-9+/=]{44}$/.test(l)).map(l => base64(l, 32))
    assert.equal(hex(rootOf(index, c.size, leafHash(new TextEncoder().encode(`leaf ${index}`)), proof)), hex(c.root), name)
    assert.equal(await isSignedBy(c, log), true, name)
    for (const w of vectors.keys.witnesses) seen.push(await cosignedAt(c, readKey(w.vkey)))
    const policy = readPolicy(`log ${log.text}\n${vectors.keys.witnesses.map((w, i) => `witness w${i} ${w.vkey}`).join('\n')}\ngroup g any w0 w1 w2\nquorum none\n`)
    assert.equal((await openCheckpoint(policy, c, true)).why, undefined, name)
  }
  assert.ok(seen.some(Number.isInteger) && !seen.includes(false))
})

test('a record that was sealed and is not given is counted', async () => {
  const bundle = copy(honest.bundle)
  bundle.records.splice(4, 1)
  const r = await check(bundle)
  assert.equal(r.ok, true)
  assert.equal(r.records.at(-1).missing, 1)
})
