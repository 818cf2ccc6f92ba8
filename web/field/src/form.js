// The form of an act as the server describes it (GET /api/acts/kinds) and what stands in it.  Pure.
const NUMBERS = ['number', 'quantity', 'dose', 'stage', 'decimal', 'integer'], ROWS = ['lots', 'loss']
const SILENT = ['season', 'plot', 'at', 'id', 'org', 'evidence', 'clock', 'position', 'corrects', 'operator', 'weather', 'signature']       // asked elsewhere, or never on a phone
const onPlace = kind => kind?.subject === 'place' || kind?.subject === 'lots'

const shown = (kind, f) => f.type !== 'uom' && !SILENT.includes(f.name) && !(f.name === 'place' && onPlace(kind))
export const fieldsOf = kind => (kind?.fields ?? []).filter(f => shown(kind, f))
export const isNumber = f => NUMBERS.includes(f.type)
export const isRows = f => ROWS.includes(f.type)
export const listOf = f => ({ input: 'inputs', product: 'products', partner: 'partners', place: 'places', season: 'seasons' })[f.type]

// The unit of a quantity is a field of its own: "uom" of "quantity", "doseUom" of "dose".
export const unitOf = (kind, f) => (kind?.fields ?? []).find(u => u.type === 'uom' && u.name === (f.name === 'quantity' ? 'uom' : f.name + 'Uom'))
export const unitsOf = (kind, f) => unitOf(kind, f)?.units ?? (isRows(f) ? kind.fields.find(u => u.type === 'uom')?.units ?? UNITS : [])
const UNITS = ['kg', 'g', 'pcs'].map(value => ({ value, label: value }))
const first = (kind, f) => valueOf(unitsOf(kind, f)[0])
export const valueOf = u => u?.value ?? u

const empty = v => v === undefined || v === null || v === '' || (Array.isArray(v) && !v.length)
const whole = rows => (rows ?? []).filter(r => r.lot || r.reason || r.quantity)

export function missing(kind, fields, subject) {
  const gone = fieldsOf(kind).filter(f => f.required && (isRows(f) ? !whole(fields[f.name]).length : empty(fields[f.name]))).map(f => f.name)
  if (kind?.subject === 'season' && !subject?.season && !subject?.plot) gone.unshift('season')
  return gone
}

const row = (kind, f, r) => ({ ...(f.type === 'lots' ? { lot: r.lot } : r.reason ? { reason: r.reason } : {}), ...(empty(r.quantity) ? {} : { quantity: Number(r.quantity), uom: r.uom || first(kind, f) }) })
function sent(kind, f, v) {
  if (isRows(f)) return whole(v).map(r => row(kind, f, r))
  if (f.type === 'codes') return String(v).split(/[\s,，、]+/).filter(Boolean)
  return isNumber(f) ? Number(v) : v
}
// What is sent: empty members stay out, numbers are numbers, a quantity has its unit.
export function cleaned(kind, fields) {
  const out = {}
  for (const f of fieldsOf(kind)) {
    const v = typeof fields[f.name] === 'string' ? fields[f.name].trim() : fields[f.name]
    if (empty(v) || empty(sent(kind, f, v))) continue
    out[f.name] = sent(kind, f, v)
    const u = unitOf(kind, f)
    if (u) out[u.name] = fields[u.name] || first(kind, f)
  }
  return out
}
// What was said the last time; but not what is of that one time alone.
const ONCE = ['lot', 'lots', 'loss', 'codes', 'longText', 'unit', 'date', 'event']
export function defaults(kind, last = {}) {
  const out = {}
  for (const f of fieldsOf(kind)) {
    const kept = last[f.name] ?? f.default, u = unitOf(kind, f)
    if (!empty(kept) && !ONCE.includes(f.type) && f.name !== 'note') out[f.name] = kept
    if (u) out[u.name] = last[u.name] ?? first(kind, f)
  }
  return out
}
