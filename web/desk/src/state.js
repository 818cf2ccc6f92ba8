// What the screens share: who is here, the organisation that is looked at, and its things.
import { computed, reactive, ref, shallowReactive, watch } from 'vue'
import { ask, bus, get, list, post } from './api.js'

export const self = reactive({ known: false, actor: '', role: '', org: '', may: [], passwordless: false })
export const may = what => self.may.includes(what)
export const org = computed(() => self.chosen || self.org || 'default')
export const orgs = reactive({ list: [] })
export const ref_ = shallowReactive({ kinds: [], places: [], products: [], inputs: [], crops: [], partners: [], staff: [], seasons: [], alarms: [], ready: false, failed: {} })
export const bumped = ref(0)         // something was recorded: lists look again
export const dialog = reactive({ open: false, act: '', fields: {}, corrects: '' })      // the drawer in which something is recorded
export const note = reactive({ said: '', bad: '', findings: [], at: 0 })

let quiet
export function say(words, { bad = false, findings = [] } = {}) {
  Object.assign(note, { said: bad ? '' : words, bad: bad ? words : '', findings, at: Date.now() })
  clearTimeout(quiet)
  if (!bad && !findings.length) quiet = setTimeout(() => { note.said = '' }, 8000)
}

// On another screen it is old news, unless that screen follows from it.
export const hush = () => { if (Date.now() - note.at > 1500) Object.assign(note, { said: '', bad: '', findings: [] }) }

export const at = (kind, ...rest) => ['', 'api', kind, org.value, ...rest].map(encodeURIComponent).join('/')
// A list of an organisation's, where its code stands in the query.
export const of = kind => `/api/${kind}?org=${encodeURIComponent(org.value)}`
const flat = x => ({ ...(x.body && typeof x.body === 'object' ? x.body : {}), ...x, code: x.code ?? x.name })
const MANY = '?perPage=500'
const KINDS = '/api/acts/kinds'
let early                // the kinds of acts are everybody's: asked for beside who is here
const parts = {
  kinds: async () => { const all = await early; early = null; return all ?? list(KINDS) },
  places: () => list(at('places') + MANY), products: () => list(at('products') + MANY), inputs: () => list(at('inputs') + MANY), crops: () => list(at('crops') + MANY), partners: () => list(at('partners') + MANY),
  staff: () => list(at('staff') + MANY), seasons: () => list(of('seasons')),
  alarms: () => list(of('alarms') + '&state=open'),
}
// What the first screen names; the others come behind it.
const FIRST = ['kinds', 'places', 'products', 'inputs', 'crops', 'seasons', 'alarms'], LATER = Object.keys(parts).filter(name => !FIRST.includes(name))
// What cannot be had stays as it was, and says why where it is shown.  All of them at once: what is shown of them is drawn once.
async function fetched(names) {
  const failed = {}, there = {}
  await Promise.all(names.map(async name => {
    try {
      const all = await parts[name]()
      there[name] = name === 'kinds' || name === 'alarms' ? all : all.map(flat)
      failed[name] = undefined
    } catch (e) { failed[name] = e }
  }))
  Object.assign(ref_, there, { failed: { ...ref_.failed, ...failed } })
}
// Fetches what was named, or all.
export async function renew(...names) {
  if (names.length) return fetched(names)
  await fetched(FIRST)
  ref_.ready = true
  await fetched(LATER)
}
// Resolves when the things are there.
export const ready = () => new Promise(done => { if (ref_.ready) done(); else { const stop = watch(() => ref_.ready, r => { if (r) { stop(); done() } }) } })
export const found = (kind, code) => ref_[kind].find(x => x.code === code)

export async function renewOrgs() { orgs.list = may('users') || may('orgs') ? await list('/api/orgs') : [] }
async function become(s) {
  Object.assign(self, { known: true, actor: (s.actor ?? '').replace(/^user:/, ''), role: s.role ?? '', org: s.org ?? '', may: s.may ?? [], chosen: sessionStorage.getItem('desk-org') || '' })
  await Promise.all([renew(), ready().then(renewOrgs).catch(() => { orgs.list = [] })])
}
// Resolves when it is known who is here; the lists come after.
export async function start() {
  early = list(KINDS).catch(() => null)
  try { become(await get('/api/session')) } catch { self.known = false }
}
export async function enter(name, password) {
  await post('/api/session', { name, password })
  await become(await get('/api/session'))
}
export async function leave() {
  try { await ask('DELETE', '/api/session') } finally { location.reload() }
}
export async function choose(code) {
  sessionStorage.setItem('desk-org', code)
  self.chosen = code
  await renew()
}
bus.away = () => { if (self.known) self.known = false }

// Opens the form of an act, with what is known already.
export const record = (act = '', fields = {}, corrects = '') => Object.assign(dialog, { open: true, act, fields, corrects })
