// The form of an act as the server describes it (GET /api/acts/kinds), and what is sent of what stands in it.  Pure.
export const HIDDEN = ['id', 'clock', 'corrects', 'org', 'evidence', 'position', 'signature']          // a device says these, or the form itself
const empty = v => v === undefined || v === null || (typeof v === 'string' && !v.trim()) || (Array.isArray(v) && !v.length)
export const fieldsOf = kind => (kind?.fields ?? []).filter(f => !HIDDEN.includes(f.name) && !unitOf(kind, f))
// A unit is shown beside its amount: `uom` beside `quantity`, `doseUom` beside `dose`.
const amountOf = name => (name === 'uom' ? 'quantity' : /Uom$/.test(name) ? name.slice(0, -3) : '')
const unitOf = (kind, f) => f.type === 'uom' && kind.fields.find(x => x.name === amountOf(f.name))
export const unitBeside = (kind, f) => kind.fields.find(x => x.type === 'uom' && amountOf(x.name) === f.name)
const NUMBERS = ['quantity', 'number', 'counted', 'area', 'integer', 'decimal', 'count', 'days']
export const isNumber = f => NUMBERS.includes(f.type)
const LISTS = { input: 'inputs', product: 'products', partner: 'partners', supplier: 'partners', buyer: 'partners', place: 'places', season: 'seasons', staff: 'staff', crop: 'crops' }
export const listOf = f => LISTS[f.type]
export const isLots = f => f.type === 'lots'
export const isLoss = f => f.type === 'loss'
export const isCodes = f => f.type === 'codes'

export function defaults(kind, given = {}) {
  const out = {}
  for (const f of kind?.fields ?? []) {
    if (HIDDEN.includes(f.name)) continue
    if (isLots(f)) out[f.name] = given[f.name] ?? (f.required ? [{ lot: '', quantity: '', uom: 'kg' }] : [])
    else if (isLoss(f)) out[f.name] = given[f.name] ?? []
    else if (isCodes(f)) out[f.name] = Array.isArray(given[f.name]) ? given[f.name].join('\n') : given[f.name] ?? ''
    else out[f.name] = given[f.name] ?? f.default ?? ''
  }
  for (const [k, v] of Object.entries(given)) if (!(k in out)) out[k] = v
  return out
}
const number = v => (/^-?\d+(\.\d+)?$/.test(String(v).trim()) ? Number(v) : v)
const tidy = o => Object.fromEntries(Object.entries(o).filter(([, v]) => !empty(v)))
// Empty members stay out, numbers are numbers; what is no number is sent as it is, and the server says so at its field.
export function cleaned(kind, values) {
  const out = {}
  for (const f of kind.fields) {
    let v = values[f.name]
    if (HIDDEN.includes(f.name) && f.name !== 'evidence') continue
    if (isCodes(f) && typeof v === 'string') v = v.split(/[\s,，;；]+/).filter(Boolean)
    if (isLots(f) || isLoss(f)) v = (v ?? []).map(x => tidy({ ...x, quantity: empty(x.quantity) ? '' : number(x.quantity) })).filter(x => x.lot || x.quantity !== undefined)
    if (empty(v)) continue
    out[f.name] = isNumber(f) ? number(v) : f.type === 'dose' ? number(v) : typeof v === 'string' ? v.trim() : v
  }
  for (const f of kind.fields) if (f.type === 'uom' && out[amountOf(f.name)] === undefined) delete out[f.name]
  if (typeof out.dose === 'string') delete out.doseUom          // a text says its unit itself
  return out
}
export const missing = (kind, values) => {
  const out = cleaned(kind, values), alone = f => unitOf(kind, f) && out[amountOf(f.name)] === undefined    // a unit is asked for with its amount
  const gone = kind.fields.filter(f => f.required && !HIDDEN.includes(f.name) && out[f.name] === undefined && !alone(f)).map(f => f.name)
  if (kind.subject === 'season' && !out.season && !out.plot) gone.unshift('season')
  return gone
}
// "2026-07-01T06:30" as it is entered, at the place's hour, to a time with offset; and back.
export const timed = local => (/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(local) ? local + ':00+08:00' : local)
export const local = (day, hour) => `${day}T${hour}`
