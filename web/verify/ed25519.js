// Is this an Ed25519 signature?  The browser's own code where it has it: it is many times quicker.  It is there on https alone, and not on older phones;
// so ours comes along, on noble's points.  A file of proof has many signatures of few keys, so each key gets a table: then a check costs 130 additions
// instead of 700.
import { Point } from '@noble/ed25519'
import { breath } from './breath.js'
import { concat, hex, same } from './bytes.js'
import { sha512 } from './sha2.js'

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

const { p: P, d: D, n: ORDER } = Point.CURVE(), MASK = (1n << 255n) - 1n

// Below 2^256, not wholly reduced: noble's own addition, which reduces and proves each number, takes half as long again.
function part(x) {
  x = (x >> 255n) * 19n + (x & MASK)
  return (x >> 255n) * 19n + (x & MASK)
}

// What an addition wants of a point of a table, and of its negative.
const cached = ({ X, Y, Z, T }) => [part(Y - X + P), part(Y + X), part(2n * D * T), 2n * Z]
const negative = ([a, b, c, z]) => [b, a, 2n * P - c, z]

// add-2008-hwcd-3 (extended coordinates, a = -1), complete.
function plusCached([X, Y, Z, T], [a, b, c, z]) {
  const A = part((Y - X + 2n * P) * a), B = part((Y + X) * b), C = part(T * c), S = part(Z * z)
  const E = B - A + 2n * P, F = S - C + 2n * P, G = S + C, H = B + A
  return [part(E * F), part(G * H), part(F * G), part(E * H)]
}

// [i][d - 1] is d·16^i times the point, d from 1 to 8, and [i][d + 7] the negative of it.
function tableOf(point) {
  return Array.from({ length: 64 }, () => {
    const row = [point]
    while (row.length < 8) row.push(row[row.length - 1].add(point))
    point = row[7].double()
    const list = row.map(cached)
    return [...list, ...list.map(negative)]
  })
}

// sum + n times the table's point, in digits from -7 to 8.
function plus(sum, table, n) {
  let carry = 0
  for (const [i, row] of table.entries()) {
    const d = carry + Number(n >> BigInt(4 * i) & 15n)
    carry = d > 8 ? 1 : 0
    if (d > 8 && d < 16) sum = plusCached(sum, row[23 - d])
    else if (d && d < 16) sum = plusCached(sum, row[d - 1])
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
  const sum = plus(plus([0n, 1n, 1n, 0n], base, s), minusA, number(sha512(concat(r, key, message))) % ORDER)
  return same(new Point(...sum.map(x => x % P)).toBytes(), r)
}

export async function isSigned(key, signature, message) {
  if (key.length !== 32 || signature.length !== 64) return false
  const known = await nativeVerify(key, signature, message)
  if (known !== undefined) return known
  await breath()
  return ownVerify(key, signature, message)
}
