// C2SP signed-note and its keys, tlog-checkpoint, tlog-cosignature v1.
import { base64, decimal, hash, hex, readU64, same, utf8 } from './bytes.js'
import { isSigned } from './ed25519.js'

export const ED25519 = 1, COSIGN = 4
const MOST_LINES = 100

// "name+8 hex+base64(type ‖ key)": the base64 may hold a '+' itself.
export function readKey(text) {
  const m = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(text)
  const raw = m && base64(m[3])
  if (!raw || raw.length < 2) return undefined
  const id = hash(utf8(m[1] + '\n'), raw).subarray(0, 4)
  return hex(id) === m[2] ? { name: m[1], id, type: raw[0], key: raw.subarray(1), text } : undefined
}

function readLine(line) {
  const m = /^\u2014 ([^\s+]+) (\S+)$/u.exec(line)
  const raw = m && base64(m[2])
  return raw && raw.length > 4 ? { name: m[1], id: raw.subarray(0, 4), signature: raw.subarray(4) } : undefined
}

// { text, lines, origin, size, root }, or undefined: not the text of a signed checkpoint.
export function readCheckpoint(note) {
  const cut = typeof note === 'string' ? note.lastIndexOf('\n\n') : -1
  if (cut < 0 || !note.endsWith('\n')) return undefined
  const text = note.slice(0, cut + 1)
  const lines = note.slice(cut + 2, -1).split('\n').map(readLine)
  const [origin, digits, code] = text.split('\n')
  const size = decimal(digits), root = base64(code, 32)
  // eslint-disable-next-line no-control-regex
  if (/[\0-\x09\x0b-\x1f]/.test(note) || !origin || size === undefined || !root) return undefined
  if (!lines.length || lines.length > MOST_LINES || lines.includes(undefined)) return undefined
  return { text, lines, origin, size, root }
}

const linesOf = (c, key) => c.lines.filter(l => l.name === key.name && same(l.id, key.id))

// Every line that bears this key's name and id must hold: undefined, it has none; false, one fails; else what the lines say.
async function checked(c, key, holds) {
  let found
  for (const line of linesOf(c, key)) {
    const good = await holds(line.signature)
    if (!good) return false
    found = good
  }
  return found
}

export const isSignedBy = (c, key) =>
  checked(c, key, signature => key.type === ED25519 && isSigned(key.key, signature, utf8(c.text)))

// What a witness's line says for a time, in seconds; 0: nothing that could hold.
const lineTime = signature => (signature.length === 72 ? readU64(signature, 0) : 0)

async function lineHolds(c, key, signature) {
  const time = lineTime(signature)
  return Number.isSafeInteger(time) && await isSigned(key.key, signature.subarray(8), utf8(`cosignature/v1\ntime ${time}\n${c.text}`)) && time
}

// Like isSignedBy; where it holds, the witness's time in seconds.
export const cosignedAt = (c, key) => checked(c, key, signature => key.type === COSIGN && lineHolds(c, key, signature))

// The earliest time that one of these witnesses gives to the text, whoever else signed it: that text was there by then.  Only the line with that time is
// checked, since nothing is claimed from the others: undefined, none of them has a line; false, it fails.
export async function firstCosigned(c, keys) {
  const said = keys.filter(k => k.type === COSIGN).flatMap(key => linesOf(c, key).map(l => ({ key, signature: l.signature })))
  if (!said.length) return undefined
  const first = said.reduce((a, b) => (lineTime(b.signature) < lineTime(a.signature) ? b : a))
  return await lineHolds(c, first.key, first.signature) || false
}

// As `suyuan key show` says it.
export const fingerprint = key => hex(hash(utf8(key.text)))
