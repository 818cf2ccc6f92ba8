// What was sprayed on a season, as far as this phone knows: the server's list and what is still in the queue.
import { state } from './state.js'

// An input is named by its address: our own ends in its code, one with a GTIN is found by its URI.
const codeOf = a => state.ref.inputs.find(i => a.input && (i.uri?.endsWith(a.input) || i.code === a.input.split('/').pop()))?.code ?? a.product ?? a.input ?? ''

export function usesOf(code) {
  if (!code) return []
  const told = state.ref.days[code], acts = told?.acts ?? []
  const known = acts.filter(a => a.act === 'spray' && !a.wrong).map(a => ({ product: codeOf(a), at: a.day ?? a.at ?? '', target: a.target, intervalDays: a.intervalDays, id: a.eventID })).filter(u => u.at)
  const mine = state.records.filter(r => r.act === 'spray' && r.subject?.season?.split('/').pop() === code && !known.some(k => k.id && k.id === r.eventID) && r.state !== 'refused')
    .map(r => ({ product: r.fields.product ?? '', at: r.at, target: r.fields.target }))
  return [...known, ...mine]
}
