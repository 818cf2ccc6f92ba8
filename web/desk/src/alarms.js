// Alarms as the server tells them, with what the desk shows beside.
import { list } from './api.js'
import { nameOfUri } from './record.js'
import { of, org } from './state.js'

export const flatten = a => ({ ...a, opened: a.openedAt, season: a.season ? a.season.split('/').pop() : '', thing: nameOfUri(a.subject).code, owner: a.owner ?? '' })
export const decideUrl = a => `/api/alarms/${encodeURIComponent(a.id)}/decisions?org=${encodeURIComponent(org.value)}`
export const decision = v => ({ close: v.closes, reason: v.reason.trim(), ...(v.owner.trim() ? { owner: v.owner.trim() } : {}) })
// How many devices have one open; 0 where it cannot be had: the page itself has its say.
export const alarmedDevices = async () => (await list(of('devices') + '&perPage=500').catch(() => [])).filter(d => !d.removed && d.findings.grave).length
