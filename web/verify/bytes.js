// Bytes and the texts they travel in.  A text that is not the one spelling of its bytes is refused: undefined.
import { sha256 } from './sha2.js'

export { sha256 }

const encoder = new TextEncoder()
export const utf8 = text => encoder.encode(text)

export function concat(...parts) {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0))
  let at = 0
  for (const p of parts) {
    all.set(p, at)
    at += p.length
  }
  return all
}

export const hash = (...parts) => sha256(concat(...parts))
export const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i])
export const hex = bytes => Array.from(bytes, x => x.toString(16).padStart(2, '0')).join('')

// Standard alphabet, padded, and the very text that encoding gives again.
export function base64(text, length) {
  if (typeof text !== 'string' || text.length % 4 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  const raw = atob(text)
  if (btoa(raw) !== text || (length !== undefined && raw.length !== length)) return undefined
  return Uint8Array.from(raw, c => c.charCodeAt(0))
}

// A number as it stands in files and headers: decimal, no leading zero, exact in a double.
export function decimal(text) {
  const n = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : NaN
  return Number.isSafeInteger(n) ? n : undefined
}

// 8 bytes, big-endian; n is a safe integer.
export function u64(n) {
  const b = new Uint8Array(8)
  new DataView(b.buffer).setUint32(0, Math.floor(n / 2 ** 32))
  new DataView(b.buffer).setUint32(4, n >>> 0)
  return b
}

export function readU64(b, at) {
  const view = new DataView(b.buffer, b.byteOffset + at, 8)
  return view.getUint32(0) * 2 ** 32 + view.getUint32(4)
}
