// Lot seals: "these are all records about it".
import { base64, decimal, hash, hex } from './bytes.js'
import { EVENT, SEAL } from './record.js'

const THINGS = ['epcList', 'childEPCs', 'inputEPCList', 'outputEPCList']
const LISTS = ['quantityList', 'childQuantityList', 'inputQuantityList', 'outputQuantityList']

// Does the event name the thing?  A canonical own name is the end of its address; in another spelling it is not recognised here (the command is
// the stronger check).
export function names(event, subject) {
  const is = x => typeof x === 'string' && (x === subject || (subject[0] === '/' && /^https?:\/\/[^/]+\//.test(x) && x.slice(x.indexOf('/', 8)) === subject))
  return is(event.parentID) || is(event.transformationID) || THINGS.some(m => (event[m] ?? []).some?.(is)) ||
    LISTS.some(m => (event[m] ?? []).some?.(q => is(q?.epcClass)))
}

// `records` are those that are proven.
export function isSealed(seal, records) {
  const [, through, count, root] = /^(\d+) (\d+) ([0-9a-f]{64})$/.exec(seal.head.detail) ?? []
  const list = seal.said.commitments, last = decimal(through ?? '')
  if (last === undefined || !Array.isArray(list) || list.length !== Number(count)) return false
  const all = list.map(c => base64(c, 32))
  if (all.includes(undefined) || hex(hash(...all)) !== root) return false
  const kept = new Set(all.map(hex))
  if (kept.size !== all.length || all.some((c, i) => i && hex(all[i - 1]) > hex(c))) return false
  // what was sealed and is not in the file: not false, but to be said
  seal.missing = all.length - records.filter(r => r.type === EVENT && kept.has(hex(r.commitment))).length
  return records.every(r => r.type !== EVENT || r.head.org !== seal.head.org || r.head.number > last || !names(r.event, seal.head.subject) ||
    kept.has(hex(r.commitment)))
}

export const seals = records => records.filter(r => r.type === SEAL)
