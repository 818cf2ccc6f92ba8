import { fieldsOf, isRows, listOf, unitOf, unitsOf, valueOf } from './form.js'
import { named, said, t } from './t.js'
import { state } from './state.js'

const BY = '，'
export const label = (kind, name) => (name === 'season' ? t('season') : said(kind?.fields?.find(f => f.name === name)?.label) || name)
const unitWords = (kind, f, u) => said(unitsOf(kind, f).find(x => valueOf(x) === u)?.label) || u || ''
export function shown(kind, f, fields) {
  const v = fields[f.name]
  if (v === undefined || v === null || v === '') return ''
  if (isRows(f)) return v.map(r => [r.lot ?? r.reason, r.quantity, unitWords(kind, f, r.uom)].filter(Boolean).join(' ')).join(BY)
  const list = listOf(f)
  if (list) return named(state.ref[list].find(x => x.code === v)) || String(v)
  const option = f.options?.find(o => o.value === v), u = unitOf(kind, f)
  return option ? said(option.label) : String(v) + (u ? ' ' + unitWords(kind, f, fields[u.name] ?? valueOf(unitsOf(kind, f)[0])) : '')
}
export const summary = (kind, fields) => fieldsOf(kind).map(f => shown(kind, f, fields)).filter(Boolean).slice(0, 5).join(BY)
