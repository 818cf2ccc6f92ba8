// Words in three languages (web/common/speech.js), and days as the phone writes them.
import { lang, LANGS, langOfBrowser, said, speech } from '../../common/speech.js'
import { words } from './words.js'
import { speak } from './send.js'

export { lang, LANGS, OWN_NAMES, said } from '../../common/speech.js'
export const t = speech(words)
export function choose(l) {
  lang.value = LANGS.includes(l) ? l : langOfBrowser()
  document.documentElement.lang = lang.value
  document.title = t('app')
  speak(lang.value)
}
// A thing's name in this language: { name, nameHant?, nameEn? }.
export const named = x => (x && (lang.value === 'zh-Hant' ? x.nameHant : lang.value === 'en' ? x.nameEn : '')) || said(x?.name) || ''
export const day = date => (lang.value === 'en' ? date : date.replace(/^(\d+)-0?(\d+)-0?(\d+)$/, '$1年$2月$3日'))
export const when = ms => new Date(ms).toLocaleString(lang.value === 'en' ? 'en-GB' : 'zh-CN', { month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false })
export const hour = ms => new Date(ms).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
