// Alarms as the server tells them, with what the desk shows beside.
import { nameOfUri } from './record.js'
import { org } from './state.js'

export const flatten = a => ({ ...a, opened: a.openedAt, season: a.season ? a.season.split('/').pop() : '', thing: nameOfUri(a.subject).code, owner: a.owner ?? '' })
export const decideUrl = a => `/api/alarms/${encodeURIComponent(a.id)}/decisions?org=${encodeURIComponent(org.value)}`
export const decision = v => ({ close: v.closes, reason: v.reason.trim(), ...(v.owner.trim() ? { owner: v.owner.trim() } : {}) })
