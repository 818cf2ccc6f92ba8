// The desk's words, and days and times as its readers write them: always the place's time, wherever the browser stands.
import { shallowRef } from 'vue'
import { filled, lang, LANGS, langOfBrowser, said } from '../../common/speech.js'

export { lang, LANGS, OWN_NAMES, said } from '../../common/speech.js'
// Of the three languages only the one that is read is fetched: build.mjs makes a file of each out of words.js.
const lists = { 'zh-Hans': () => import('./words.js?zh-Hans'), 'zh-Hant': () => import('./words.js?zh-Hant'), en: () => import('./words.js?en') }
const words = shallowRef({})
export const t = (key, values = {}) => filled(words.value[key] ?? key, values)
export const worded = key => key in words.value
// Resolves when its words are there; where they cannot be had, what was read before stays.
let wanted
export async function choose(l) {
  const next = wanted = LANGS.includes(l) ? l : langOfBrowser()
  if (!worded('app')) lang.value = next       // the first: what is asked for meanwhile is asked for in it
  const list = await lists[next]().catch(() => null)
  if (!list || wanted !== next) return
  words.value = list.default
  lang.value = document.documentElement.lang = next
  try { localStorage.setItem('desk-lang', next) } catch { /* a browser that keeps nothing */ }
}
export const chosen = () => { try { return localStorage.getItem('desk-lang') } catch { return null } }

const locale = () => (lang.value === 'en' ? 'en-GB' : lang.value === 'zh-Hant' ? 'zh-HK' : 'zh-CN')
export const ZONE = 'Asia/Shanghai'
const dated = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE, year: 'numeric', month: '2-digit', day: '2-digit' })
const clocked = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, hour: '2-digit', minute: '2-digit' })
// "2026-07-01" and "06:30" of a moment, in the place's zone.
export const dayOf = x => (x ? dated.format(new Date(x)) : '')
export const hourOf = x => (x ? clocked.format(new Date(x)) : '')
export const when = x => (x ? `${dayOf(x)} ${hourOf(x)}` : '')
export const today = () => dayOf(Date.now())
export const weekday = d => new Intl.DateTimeFormat(locale(), { timeZone: 'UTC', weekday: 'short' }).format(new Date(d + 'T00:00:00Z'))
const minutesSince = x => Math.max(0, Math.floor((Date.now() - new Date(x)) / 60000))
export function age(x) {
  const m = minutesSince(x), h = Math.floor(m / 60)
  return m < 1 ? t('ageNow') : h < 1 ? t('ageMinutes', { n: m }) : h < 48 ? t('ageHours', { n: h }) : t('ageDays', { n: Math.floor(h / 24) })
}
export const ago = x => (minutesSince(x) < 1 ? t('ageNow') : t('ago', { age: age(x) }))
// The name of a thing in the language that is read.
export const nameOf = x => (x ? (lang.value === 'en' ? x.nameEn : lang.value === 'zh-Hant' ? x.nameHant : '') || said(x.name) || x.code || '' : '')
export const number = n => (n === undefined || n === null || n === '' ? '' : Number(n).toLocaleString('en-US', { maximumFractionDigits: 3 }).replaceAll(',', ' '))
