// What was sprayed on a season, as far as this phone knows: the server's list and what is still in the queue.
import { state } from './state.js'

export function usesOf(code) {
  if (!code) return []
  const told = state.ref.days[code], acts = Array.isArray(told) ? told : told?.acts ?? told?.events ?? []
  const known = acts.filter(a => a.act === 'spray' && !a.wrong).map(a => ({ product: a.product ?? a.input ?? '', at: a.at ?? a.time ?? a.date ?? '', target: a.target, intervalDays: a.intervalDays, id: a.eventID })).filter(u => u.at)
  const mine = state.records.filter(r => r.act === 'spray' && r.subject?.season?.split('/').pop() === code && !known.some(k => k.id && k.id === r.eventID) && r.state !== 'refused')
    .map(r => ({ product: r.fields.product ?? '', at: r.at, target: r.fields.target }))
  return [...known, ...mine]
}
