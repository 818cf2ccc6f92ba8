import { fieldsOf, unit, unitName, listOf } from './form.js'
import { lang, LANGS, said, t } from './t.js'
import { state } from './state.js'

export const label = (kind, name) => (name === 'season' ? t('season') : said(kind?.fields?.find(f => f.name === name)?.label) || name)
export function shown(f, fields) {
  const v = fields[f.name]
  if (v === undefined || v === null || v === '') return ''
  const list = listOf(f)
  if (list) return said(state.ref[list].find(x => x.code === v)?.name) || String(v)
  const option = f.options?.find(o => o.value === v)
  if (option) return said(option.label)
  if (typeof v === 'boolean') return t(v ? 'yes' : 'no')
  return String(v) + (f.units?.length ? ' ' + unit(fields[unitName(f)] ?? f.units[0], LANGS.indexOf(lang.value)) : '')
}
export const summary = (kind, fields) => fieldsOf(kind).map(f => shown(f, fields)).filter(Boolean).slice(0, 5).join('，')
