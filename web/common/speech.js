// Words in three languages, from one list of an application: { key: [简体, 繁體, English] }.  `t` follows the language as Vue follows anything reactive.
import { computed, ref } from 'vue'

export const LANGS = ['zh-Hans', 'zh-Hant', 'en']
export const OWN_NAMES = { 'zh-Hans': '简体中文', 'zh-Hant': '繁體中文', en: 'English' }
export const lang = ref('zh-Hans')
export const at = computed(() => LANGS.indexOf(lang.value))

export function langOfBrowser() {
  for (const l of navigator.languages ?? []) {
    if (/^zh\b.*(hant|tw|hk|mo)/i.test(l)) return 'zh-Hant'
    if (/^zh\b/i.test(l)) return 'zh-Hans'
    if (/^en\b/i.test(l)) return 'en'
  }
  return 'zh-Hans'
}
export const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, k) => values[k] ?? '')
export const speech = words => (key, values = {}) => filled(words[key]?.[at.value] ?? key, values)
// Words that came from the server in all languages: { 'zh-Hans': …, … }, or plain text.
export const said = x => (x && typeof x === 'object' ? x[lang.value] ?? x['zh-Hans'] ?? Object.values(x)[0] ?? '' : x ?? '')
