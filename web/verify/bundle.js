// A file of proof, "suyuan-proof/1" (docs/design/proof.md), checked against a policy.  Knows no page.
import { base64, hex } from './bytes.js'
import { firstCosigned, readCheckpoint } from './note.js'
import { openCheckpoint } from './policy.js'
import { EVENT, deviceSigned, isIn, openRecord } from './record.js'
import { isSealed, seals } from './seal.js'

const MOST = 20000

// Throws nothing: undefined is no file of proof at all.
export function readBundle(text) {
  let b
  try {
    b = JSON.parse(text)
  } catch {
    return undefined
  }
  const lists = b?.format === 'suyuan-proof/1' && [b.checkpoints, b.hashes, b.records]
  return lists && lists.every(l => Array.isArray(l) && l.length <= MOST) && b.checkpoints.length ? b : undefined
}

// An older one only says that its text, and so what is in its tree, was there by a time: for that one witness is enough.
async function openOlder(policy, c) {
  const time = await firstCosigned(c, policy.witnesses.map(w => w.key))
  return time === false ? { why: 'first' } : { time }
}

async function openNewest(policy, c) {
  const seen = await openCheckpoint(policy, c)
  return { ...seen, time: seen.times?.size ? Math.min(...seen.times.values()) : undefined }
}

// The checkpoints, each opened once and only when somebody asks.
function opener(b, policy) {
  const opened = new Map()
  return i => {
    if (!opened.has(i)) {
      const c = readCheckpoint(b.checkpoints[i])
      opened.set(i, c ? (i ? openOlder : openNewest)(policy, c).then(seen => ({ ...c, ...seen })) : Promise.resolve({ why: 'checkpoint' }))
    }
    return opened.get(i)
  }
}

async function checkRecord(r, hashes, open) {
  const newest = await open(0), first = r.said?.first
  if (r.why) return r.why
  if (newest.why) return newest.why
  if (!isIn(r, newest, r.said.proof, hashes)) return 'root'
  if (r.type === EVENT) r.signed = await deviceSigned(r)
  if (r.signed === false) return 'signature'
  r.witnessed = newest.time
  if (!first) return undefined
  const older = await open(first.checkpoint)
  if (older.why || older.origin !== newest.origin || older.size > newest.size || !isIn(r, older, first.proof, hashes)) return 'first'
  if (older.time && !(older.time > r.witnessed)) r.witnessed = older.time
  return undefined
}

// Records of one organisation are a chain.  Only proven ones are compared, so that a false one does not stain its neighbour.
function checkChain(records) {
  const key = (org, n) => `${org} ${n}`
  const proven = records.filter(r => r.type === EVENT && !r.why)
  const at = new Map(proven.map(r => [key(r.head.org, r.head.number), r]))
  for (const r of proven) {
    const before = r.head.number === 1 ? '0'.repeat(64) : at.get(key(r.head.org, r.head.number - 1))?.what
    const want = typeof before === 'string' ? before : before && hex(before)
    if (want && want !== r.head.before) r.why = 'chain'
  }
}

function checkSeals(records) {
  const proven = records.filter(r => !r.why)
  for (const s of seals(proven)) if (!isSealed(s, proven)) s.why = 'seal'
}

// Checks all; `told(done, of)` is awaited after each record, so that a page can breathe.  { item, records, newest, ok }: a record's `why` is the step that
// failed, undefined where it holds.
export async function checkBundle(b, policy, told) {
  const hashes = b.hashes.map(h => base64(h, 32)), open = opener(b, policy), records = []
  for (const said of b.records) if (said?.first) open(said.first.checkpoint)   // all at once: the browser has threads for signatures
  for (const said of b.records) {
    const r = openRecord(said)
    r.why = await checkRecord(r, hashes, open)
    records.push(r)
    await told?.(records.length, b.records.length)
  }
  checkChain(records)
  checkSeals(records)
  const newest = await open(0)
  return { item: b.item, cut: b.cut === true, records, newest, ok: !newest.why && records.every(r => !r.why) }
}
