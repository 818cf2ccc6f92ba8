// What the screens share, and what changes it.
import { computed, markRaw, reactive } from 'vue'
import * as outbox from './outbox.js'
import * as clock from './clock.js'
import * as reference from './reference.js'
import * as session from './session.js'
import { register } from './sign.js'
import { get, set } from './db.js'
import { Refused } from './send.js'
import { choose, lang, named, t } from './t.js'
import { fix, fresh, inside, watch } from './place.js'

export const state = reactive({
  ready: false, user: null, online: navigator.onLine, login: false, silent: false, records: [], others: {}, now: '', part: {}, lasts: { fields: {} }, lastSent: 0, ref: markRaw(reference.empty()), big: false,
  said: '', bad: '', setBack: 0, left: null, update: null, fix: { ...fix }, view: location.hash.slice(1) || '/', busy: false, picked: null, scanned: null, draft: null,
})

// ---- screens ----
export const go = (view, instead) => { instead ? location.replace('#' + view) : (location.hash = view) }
addEventListener('hashchange', () => {
  state.view = location.hash.slice(1) || '/'
  if (performance.now() - spoken > 400) say('')
  scrollTo(0, 0)
})
let quiet, spoken = 0
export function say(words, bad = false) {
  spoken = performance.now()
  state.said = bad ? '' : words
  state.bad = bad ? words : ''
  clearTimeout(quiet)
  if (!bad) quiet = setTimeout(() => { state.said = '' }, 6000)
}

// ---- the queue ----
export const pending = computed(() => state.records.filter(r => r.state === 'waiting' || r.state === 'files'))
export const drafts = computed(() => state.records.filter(r => r.state === 'draft'))
export const refused = computed(() => state.records.filter(r => r.state === 'refused'))
export const here = computed(() => state.records.filter(r => r.state !== 'done'))

const channel = 'BroadcastChannel' in self ? new BroadcastChannel('suyuan-field') : null
const tell = what => channel?.postMessage(what)
if (channel) channel.onmessage = async e => { if (e.data === 'user') await become(await session.lastUser()); else refresh(false) }

export async function refresh(loud = true) {
  const mine = state.user?.owner
  const list = mine ? await outbox.records(mine) : []
  if (mine !== state.user?.owner) return        // somebody else has come meanwhile
  state.records = list
  state.others = await outbox.others(mine)
  state.lastSent = Math.max(0, ...list.map(r => (r.state === 'done' && r.sentAt) || 0))
  state.setBack = clock.setBack()
  if (loud) tell('changed')
}

let timer, running = false
export async function send(soon = false) {
  clearTimeout(timer)
  if (running || !state.user || !pending.value.length) return
  if (!navigator.onLine) { timer = setTimeout(send, 15000); return }
  running = true
  const all = pending.value.length, owner = state.user.owner, seen = new Set()
  let result = { state: 'silent', due: 5000 }
  try {
    result = await outbox.drain(owner, (id, sha, part) => {
      if (sha) { state.part[sha] = part; return }
      seen.add(id)
      state.now = { id, i: Math.min(seen.size, all), n: all }
      refresh()
    })
  } catch (e) { console.warn(e) } finally { running = false; state.now = '' }
  state.login = result.state === 'login'
  state.silent = result.state === 'silent'
  await refresh()
  if (result.due && !state.login) timer = setTimeout(send, soon ? 500 : result.due)
}
export const retry = async id => { await outbox.again(id, state.user.owner); await refresh(); send() }
export async function retryAll() { for (const r of here.value) if (r.state !== 'draft' && r.state !== 'refused') await outbox.again(r.id, state.user.owner); await refresh(); send() }
export const drop = async id => { const gone = await outbox.drop(id, state.user.owner); await refresh(); return gone }

// ---- status, always in words ----
export const status = computed(() => {
  const n = pending.value.length, extra = drafts.value.length ? ' · ' + t('someDraft', { n: drafts.value.length }) : ''
  if (refused.value.length) return { kind: 'bad', icon: 'alert', words: t('someRefused', { n: refused.value.length }) + (n ? ' · ' + t(state.online ? 'waiting' : 'noSignal', { n }) : '') }
  if (state.login && n) return { kind: 'warn', icon: 'alert', words: t('mustEnter', { n }), login: true }
  if (!state.online) return { kind: 'warn', icon: 'off', words: (n + drafts.value.length ? t('noSignal', { n: n + drafts.value.length }) : t('noSignalNone')) + extra }
  if (state.now) return { kind: 'go', icon: 'up', words: t('sending', state.now) + extra }
  if (n) return { kind: state.silent ? 'warn' : 'go', icon: state.silent ? 'off' : 'up', words: t(state.silent ? 'noSignal' : 'waiting', { n }) + extra }
  if (drafts.value.length) return { kind: 'warn', icon: 'alert', words: t('someDraft', { n: drafts.value.length }) }
  if (state.lastSent) return { kind: 'good', icon: 'ok', words: t('allSent', { time: hourOrDay(state.lastSent) }) }
  return { kind: 'good', icon: 'ok', words: t('nothingYet') }
})
function hourOrDay(ms) {
  const s = clock.stamp(ms)
  return (s.slice(0, 10) === clock.today() ? '' : s.slice(5, 10) + ' ') + s.slice(11, 16)
}

// ---- storage ----
export async function look() {
  const e = await navigator.storage?.estimate?.().catch(() => null)
  state.left = e?.quota ? Math.max(0, e.quota - e.usage) : null
}
export const LOW = 100 * 1024 * 1024
const full = e => e?.name === 'QuotaExceededError' || e?.cause?.name === 'QuotaExceededError'

// Old records stay readable, but they give way when there is no room for a new one.
async function makeRoom() {
  for (const r of (await outbox.records(state.user.owner)).filter(r => r.state === 'done').reverse()) await outbox.drop(r.id, state.user.owner).catch(() => {})
}
async function roomFor(files) {
  await look()
  const need = files.reduce((n, f) => n + f.bytes.byteLength, 0) * 1.2 + 65536
  if (state.left !== null && state.left < need) throw new DOMException('full', 'QuotaExceededError')
}
// True: it is on the disk.  Otherwise the words on the screen say what to do, and whoever called keeps what it holds.
export async function keep(work, files = []) {
  state.busy = true
  try {
    try { await roomFor(files); await work() } catch (e) {
      if (!full(e)) throw e
      await makeRoom()
      await roomFor(files)
      await work()
    }
    say('')
    await refresh()
    look()
    return true
  } catch (e) {
    say(full(e) ? t('storageFull') : t('saveFailed', { why: String(e?.message ?? e) }), true)
    return false
  } finally { state.busy = false }
}

// ---- who ----
export async function become(user) {
  state.user = user ?? null
  state.login = false
  state.records = []
  if (user) {
    state.ref = markRaw(await reference.kept(user))        // large, and only ever replaced as a whole
    state.lasts = await reference.lasts(user)
  }
  await refresh(false)
  if (!user) go('/enter', true)
  else if (state.view === '/enter') go('/', true)
}
export async function enter(name, password) {
  const user = await session.enter(name, password)
  await become(user)
  tell('user')
  await renew().catch(() => {})
  send()
}
export async function leave() {
  await session.leave()
  await become(null)
  tell('user')
}
let renewing
export function renew() {
  renewing ??= reference.renew(state.user).then(r => { state.ref = markRaw(r); if (state.user) register(state.user).catch(() => {}) }).finally(() => { renewing = undefined })
  return renewing
}

// ---- seasons and plots ----
export const season = code => state.ref.seasons.find(s => s.code === code)
export const placeName = code => named(state.ref.places.find(p => p.code === code)) || code || ''
export const cropOf = s => state.ref.crops.find(c => c.code === s.crop)?.name ?? s.crop         // labels name crops, seasons may name codes
const cropName = s => named(state.ref.crops.find(c => c.code === s.crop)) || s.crop
export const seasonName = s => (s ? named(s) || [placeName(s.plot), cropName(s), s.variety].filter(Boolean).join(' · ') : '')
export const subjectOf = (of, where) => (!where ? {} : of?.subject === 'season' ? { season: `${state.user.org}/${where.code}` } : { place: `${state.user.org}/${where.code}` })
export const openSeasons = computed(() => state.ref.seasons.filter(reference.open))
export const kind = act => state.ref.kinds.find(k => k.act === act)

// Which season a new record is about: the sign that was scanned, the plot we stand on, the one of last time, the only one.
export function guess() {
  const list = openSeasons.value, p = fresh(clock.now())
  if (state.picked && season(state.picked.code)) return state.picked
  if (p) {
    const at = list.filter(s => inside(state.ref.places.find(x => x.code === s.plot)?.outline, p))
    if (at.length === 1) return { code: at[0].code, how: 'byPosition' }
    if (at.some(s => s.code === state.lasts.season)) return { code: state.lasts.season, how: 'byPosition' }
  }
  if (list.some(s => s.code === state.lasts.season)) return { code: state.lasts.season, how: 'byLast' }
  return list.length ? { code: list[0].code, how: 'byHand' } : null
}
export function guessFor(of) {
  if (of?.subject === 'season') return guess()
  const list = state.ref.places.filter(p => p.type !== 'plot'), last = state.lasts.places?.[of?.act]
  return list.some(p => p.code === last) ? { code: last, how: 'byLast' } : of?.subject === 'place' && list.length === 1 ? { code: list[0].code, how: 'byHand' } : null
}
export const locate = () => watch(clock.now, () => { state.fix = { ...fix } })

export async function keepLast(of, fields, at) {
  const l = JSON.parse(JSON.stringify(state.lasts))
  if (at && of.subject === 'season') l.season = at
  else if (at) l.places = { ...l.places, [of.act]: at }
  l.fields[of.act] = fields
  state.lasts = l
  await reference.keepLasts(state.user, l).catch(() => {})
}

export async function setBig(on) {
  state.big = on
  document.documentElement.classList.toggle('big', on)
  await set('big', on)
}
export async function setLang(l) { choose(l); await set('lang', l) }

// ---- start ----
export async function start() {
  await clock.startClock()
  choose(await get('lang'))
  state.big = !!(await get('big'))
  document.documentElement.classList.toggle('big', state.big)
  addEventListener('online', () => { state.online = true; state.silent = false; catchUp() })
  addEventListener('offline', () => { state.online = false })
  document.addEventListener('visibilitychange', () => { document.visibilityState === 'visible' ? (refresh(false), catchUp()) : clock.keepClock().catch(() => {}) })
  setInterval(() => { state.setBack = clock.setBack(); clock.keepClock().catch(() => {}) }, 20000)
  navigator.storage?.persist?.().catch(() => {})
  const user = await session.lastUser()
  if (user) await become(user)
  state.ready = true
  look()
  if (!user) {
    const found = await session.admitted().catch(() => null)
    if (found) { await become(found); if (state.view === '/enter') go('/', true) } else return go('/enter', true)
  }
  catchUp()
  setTimeout(() => navigator.onLine && import('./scan.js').then(s => s.warm()).catch(() => {}), 30000)
}
async function catchUp() {
  if (!state.user || !navigator.onLine) return
  send()
  if (clock.now() - state.ref.at > 10 * 60000 || !state.ref.kinds.length) await renew().catch(e => { if (e instanceof Refused && e.status === 401) state.login = true })
}
export { lang }
