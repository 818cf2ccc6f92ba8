// The desk's words, and days and times as its readers write them: always the place's time, wherever the browser stands.
import { lang, LANGS, langOfBrowser, said, speech } from '../../common/speech.js'
import { words } from './words.js'

export { lang, LANGS, OWN_NAMES, said } from '../../common/speech.js'
export const t = speech(words)
export function choose(l) {
  lang.value = LANGS.includes(l) ? l : langOfBrowser()
  document.documentElement.lang = lang.value
  try { localStorage.setItem('desk-lang', lang.value) } catch { /* a browser that keeps nothing */ }
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
