// Words in three languages; `t` follows the language as Vue follows anything reactive.
import { computed, ref } from 'vue'
import { words } from './words.js'
import { speak } from './send.js'

export const LANGS = ['zh-Hans', 'zh-Hant', 'en']
export const OWN_NAMES = { 'zh-Hans': '简体中文', 'zh-Hant': '繁體中文', en: 'English' }
export const lang = ref('zh-Hans')
const at = computed(() => LANGS.indexOf(lang.value))

export function choose(l) {
  lang.value = LANGS.includes(l) ? l : ofBrowser()
  document.documentElement.lang = lang.value
  document.title = t('app')
  speak(lang.value)
}
function ofBrowser() {
  for (const l of navigator.languages ?? []) {
    if (/^zh\b.*(hant|tw|hk|mo)/i.test(l)) return 'zh-Hant'
    if (/^zh\b/i.test(l)) return 'zh-Hans'
    if (/^en\b/i.test(l)) return 'en'
  }
  return 'zh-Hans'
}
export function t(key, values = {}) {
  return (words[key]?.[at.value] ?? key).replace(/\{(\w+)\}/g, (_, k) => values[k] ?? '')
}
// Words that came from the server in all languages: { 'zh-Hans': …, … }, or plain text.
export const said = x => (x && typeof x === 'object' ? x[lang.value] ?? x['zh-Hans'] ?? Object.values(x)[0] ?? '' : x ?? '')
// A thing's name in this language: { name, nameHant?, nameEn? }.
export const named = x => (x && (lang.value === 'zh-Hant' ? x.nameHant : lang.value === 'en' ? x.nameEn : '')) || said(x?.name) || ''
export const day = date => (lang.value === 'en' ? date : date.replace(/^(\d+)-0?(\d+)-0?(\d+)$/, '$1年$2月$3日'))
export const when = ms => new Date(ms).toLocaleString(lang.value === 'en' ? 'en-GB' : 'zh-CN', { month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false })
export const hour = ms => new Date(ms).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
