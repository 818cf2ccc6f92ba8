// The Merkle tree of RFC 6962 §2.1 over SHA-256, and the leaves of our log (docs/design/proof.md).
import { concat, hash, u64, utf8 } from './bytes.js'

const LEAF = Uint8Array.of(0), NODE = Uint8Array.of(1)
const COMMIT = utf8('ftlog commit v1\0')

export const leafHash = entry => hash(LEAF, entry)
export const node = (left, right) => hash(NODE, left, right)

// What a leaf says of `what` (32 bytes): nothing, without the salt.
export const commit = (salt, what) => hash(COMMIT, salt, what)
// The 42 bytes of a leaf.
export const leafEntry = (type, ms, commitment) => concat(Uint8Array.of(1, type), u64(ms), commitment)

// The root that the proof leads to (RFC 9162 §2.1.3.2), hashes leaf side first; undefined where it has another length than its
// place asks for.  Sizes go beyond 32 bits, so nothing is shifted.
export function rootOf(index, size, leaf, proof) {
  if (index >= size) return undefined
  let fn = index, sn = size - 1, r = leaf
  for (const p of proof) {
    if (sn === 0) return undefined
    if (fn % 2 || fn === sn) {
      r = node(p, r)
      while (fn && fn % 2 === 0) {
        fn /= 2
        sn = Math.floor(sn / 2)
      }
    } else {
      r = node(r, p)
    }
    fn = Math.floor(fn / 2)
    sn = Math.floor(sn / 2)
  }
  return sn === 0 ? r : undefined
}
