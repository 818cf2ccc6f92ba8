// One record of a bundle: from its bytes to the root that they lead to, and what its texts say.
import { base64, concat, decimal, hash, hex, sha256, utf8 } from './bytes.js'
import { isSigned } from './ed25519.js'
import { commit, leafEntry, leafHash, rootOf } from './tree.js'

const SIGNED = utf8('suyuan signature v1\n')
const HEX = /^[0-9a-f]{64}$/
export const EVENT = 1, SEAL = 5

// Microseconds of a time with any offset, as the header writes them in UTC.
export function headerTime(text) {
  const m = /^(.*:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(text ?? '')
  const ms = m ? Date.parse(m[1] + m[3]) : NaN
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString().slice(0, 20) + (m[2] ?? '.').slice(1, 7).padEnd(6, '0') + 'Z'
}

function readHeader(text) {
  const [mark, org, number, before, time, signature, end, ...more] = String(text).split('\n')
  const n = decimal(number ?? '')
  if (mark !== 'suyuan record v1' || !/^\/org\/./.test(org) || !n || !HEX.test(before) || end !== '' || more.length) return undefined
  return signature === '-' || HEX.test(signature) ? { org, number: n, before, time, signature } : undefined
}

function readStatement(text) {
  const [mark, type, org, number, subject, detail, end, ...more] = String(text).split('\n')
  const n = decimal(number ?? '')
  if (mark !== 'suyuan statement v1' || !/^\/org\/./.test(org) || !n || end !== '' || more.length) return undefined
  return { type: Number(type), org, number: n, subject, detail }
}

// The hashes that a proof names, or undefined.
export function proofOf(numbers, hashes) {
  if (!Array.isArray(numbers) || numbers.length > 63) return undefined
  const list = numbers.map(i => hashes[i])
  return list.includes(undefined) ? undefined : list
}

function openEvent(r, said) {
  try {
    r.event = JSON.parse(said.event)
  } catch {
    r.why = 'form'
    return undefined
  }
  r.head = readHeader(said.header)
  if (!r.head || !r.event || typeof r.event !== 'object') r.why = 'form'
  else if (headerTime(r.event.eventTime) !== r.head.time) r.why = 'header'
  r.digest = sha256(utf8(said.event))
  return hash(utf8(String(said.header)), r.digest)
}

function openStatement(r, said) {
  r.head = readStatement(said.statement)
  if (!r.head) r.why = 'form'
  else if (r.head.type !== said.type) r.why = 'header'
  return sha256(utf8(String(said.statement)))
}

// Takes one apart: { said, type, index, ms, head, event, digest, what, commitment, leaf, why }; `why` is the
// step that failed.
export function openRecord(said) {
  const r = { said, type: said?.type, index: said?.index, ms: said?.recordedMs }
  const salt = base64(said?.salt, 32)
  if (!salt || !Number.isSafeInteger(r.index) || r.index < 0 || !Number.isSafeInteger(r.ms) || r.ms < 0 || !(r.type > 0 && r.type < 256))
    return { ...r, why: 'form' }
  r.what = r.type === EVENT ? openEvent(r, said) : openStatement(r, said)
  if (!r.what) return r
  r.commitment = commit(salt, r.what)
  r.leaf = leafHash(leafEntry(r.type, r.ms, r.commitment))
  return r
}

// Does the record stand in the tree of checkpoint `c`?
export function isIn(r, c, numbers, hashes) {
  const proof = proofOf(numbers, hashes)
  const root = proof && rootOf(r.index, c.size, r.leaf, proof)
  return !!root && hex(root) === hex(c.root)
}

// The signature of a device: undefined there is none, false it fails, true.
export async function deviceSigned(r) {
  const s = r.said.signature
  if (!s && r.head.signature === '-') return undefined
  const key = base64(s?.key, 32), value = base64(s?.value, 64)
  if (!key || !value || hex(hash(key, value)) !== r.head.signature) return false
  return isSigned(key, value, concat(SIGNED, r.digest))
}
