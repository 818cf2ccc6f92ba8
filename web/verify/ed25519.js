// Is this an Ed25519 signature?  The browser's own code where it has it: it is many times quicker.  It is there on https alone, and not on older phones;
// so ours comes along, on noble's points.  A file of proof has many signatures of few keys, so each key gets a table: then a check costs 130 additions
// instead of 700.
import { Point } from '@noble/ed25519'
import { breath } from './breath.js'
import { concat, hex, same } from './bytes.js'
import { sha512 } from './sha2.js'

const ORDER = Point.CURVE().n
const imported = new Map(), tables = new Map()
let base

function remembered(map, key, make) {
  const name = hex(key)
  if (!map.has(name)) map.set(name, make())
  return map.get(name)
}

// undefined: not known here, or a key that is no point; that is left to ours.
async function nativeVerify(key, signature, message) {
  const subtle = globalThis.crypto?.subtle
  const k = subtle && await remembered(imported, key, () => subtle.importKey('raw', key, 'Ed25519', false, ['verify']).catch(() => undefined))
  return k && subtle.verify('Ed25519', k, signature, message).catch(() => undefined)
}

// [i][d - 1] is d·16^i times the point, d from 1 to 8.
function tableOf(point) {
  return Array.from({ length: 64 }, () => {
    const row = [point]
    while (row.length < 8) row.push(row[row.length - 1].add(point))
    point = row[7].double()
    return row
  })
}

// sum + n times the table's point, in digits from -7 to 8.
function plus(sum, table, n) {
  let carry = 0
  for (const [i, row] of table.entries()) {
    const d = carry + Number(n >> BigInt(4 * i) & 15n)
    carry = d > 8 ? 1 : 0
    if (d > 8 && d < 16) sum = sum.add(row[15 - d].negate())
    else if (d && d < 16) sum = sum.add(row[d - 1])
  }
  return sum
}

const number = bytes => BigInt('0x' + hex(Uint8Array.from(bytes).reverse()))

// The negated key's table; undefined for a key that is no point, or one under which anything can be made to hold.
function keyTable(key) {
  try {
    const a = Point.fromBytes(key)
    return a.isSmallOrder() ? undefined : tableOf(a.negate())
  } catch {
    return undefined
  }
}

// RFC 8032 §5.1.7 without cofactor, as browsers and libsodium do: R is compared by its bytes, so it has one spelling only.
function ownVerify(key, signature, message) {
  const r = signature.subarray(0, 32), s = number(signature.subarray(32)), minusA = remembered(tables, key, () => keyTable(key))
  if (!minusA || s >= ORDER) return false
  base = base ?? tableOf(Point.BASE)
  return same(plus(plus(Point.ZERO, base, s), minusA, number(sha512(concat(r, key, message))) % ORDER).toBytes(), r)
}

export async function isSigned(key, signature, message) {
  if (key.length !== 32 || signature.length !== 64) return false
  const known = await nativeVerify(key, signature, message)
  if (known !== undefined) return known
  await breath()
  return ownVerify(key, signature, message)
}
