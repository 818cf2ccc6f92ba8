// The form of an act as the server describes it (GET /api/acts/kinds) and what stands in it.  Pure but for words.
export const SUBJECT = ['season', 'plot', 'place', 'at', 'id', 'evidence', 'clock', 'position', 'corrects']
export const fieldsOf = kind => (kind?.fields ?? []).filter(f => !SUBJECT.includes(f.name) && f.name !== 'uom')
export const unitName = f => (f.name === 'quantity' ? 'uom' : f.name + 'Uom')
export const isNumber = f => ['number', 'decimal', 'integer', 'quantity', 'amount', 'count', 'days'].includes(f.type)
export const listOf = f => ({ input: 'inputs', product: 'products', partner: 'partners', supplier: 'partners', buyer: 'partners', place: 'places', season: 'seasons' })[f.type] ?? (f.name === 'product' && !f.options ? 'inputs' : undefined)
const empty = v => v === undefined || v === null || v === ''

export function missing(kind, fields, subject) {
  const gone = fieldsOf(kind).filter(f => f.required && empty(fields[f.name])).map(f => f.name)
  if ((kind?.subject === 'season' || kind?.subject === 'place') && !subject?.season && !subject?.plot && !subject?.place) gone.unshift('season')
  return gone
}
// What is sent: empty members stay out, numbers are numbers.
export function cleaned(kind, fields) {
  const out = {}
  for (const f of fieldsOf(kind)) {
    const v = typeof fields[f.name] === 'string' ? fields[f.name].trim() : fields[f.name]
    if (empty(v)) continue
    out[f.name] = isNumber(f) ? Number(v) : v
    if (f.units?.length) out[unitName(f)] = fields[unitName(f)] || f.units[0]
  }
  return out
}
export function defaults(kind, last = {}) {
  const out = {}
  for (const f of fieldsOf(kind)) {
    const kept = last[f.name] ?? f.default
    if (!empty(kept) && !['note', 'notes', 'remark'].includes(f.name) && f.type !== 'lot' && f.type !== 'lots') out[f.name] = kept
    if (f.units?.length) out[unitName(f)] = last[unitName(f)] ?? f.units[0]
  }
  return out
}
const UNITS = { KGM: ['公斤', '公斤', 'kg'], GRM: ['克', '克', 'g'], MLT: ['毫升', '毫升', 'mL'], LTR: ['升', '升', 'L'], H87: ['个', '個', 'pcs'], EA: ['个', '個', 'pcs'], TNE: ['吨', '噸', 't'], MTQ: ['立方米', '立方米', 'm³'],
  BG: ['袋', '袋', 'bags'], BO: ['瓶', '瓶', 'bottles'], BX: ['箱', '箱', 'boxes'], CT: ['箱', '箱', 'cartons'], CEL: ['℃', '℃', '°C'], CMT: ['厘米', '厘米', 'cm'], MTR: ['米', '米', 'm'], DAY: ['天', '天', 'days'], HUR: ['小时', '小時', 'h'], MIN: ['分钟', '分鐘', 'min'], P1: ['%', '%', '%'] }
export const unit = (u, n) => (typeof u === 'object' ? u?.value : UNITS[u]?.[n] ?? u)
