// Alarms as the server tells them, made even.
import { nameOfUri } from './record.js'
import { at } from './state.js'

export function flatten(a) {
  const subject = nameOfUri(a.subject)
  return { ...a, id: [a.subject, a.rule, a.key].join(' '), opened: a.opened ?? a.openedTime, closed: a.closed ?? a.closedTime, season: a.season ? nameOfUri(a.season).code.split('/').pop() : subject.kind === 'season' ? subject.code : '', eventID: a.eventID ?? '', owner: a.owner ?? '', decisions: a.decisions ?? (a.decision ? [a.decision] : []) }
}
export const decideUrl = () => at('alarms')
export const decision = (a, v) => ({ subject: a.subject, rule: a.rule, key: a.key, closes: v.closes, reason: v.reason.trim(), ...(v.owner.trim() ? { owner: v.owner.trim() } : {}) })
