// Master data as the desk shows and enters it: the members of each kind in the order of src/farm/thing_fields.def.
import { org } from './state.js'

const T = ['name', 'nameHant', 'nameEn']
export const THINGS = {
  products: { fields: [...T, 'crop', 'gtin', 'pack', 'netContent', 'uom', 'shelfDays', 'grade', 'note'], columns: ['name', 'crop', 'pack', 'netContent', 'gtin', 'shelfDays'], code: 'R' },
  inputs: { fields: [...T, 'category', 'registrationNumber', 'activeIngredients', 'formulation', 'manufacturer', 'supplier', 'barcode', 'gtin', 'uom', 'intervalDays', 'labels', 'note'], columns: ['name', 'category', 'registrationNumber', 'activeIngredients', 'intervalDays', 'labels'], code: 'I' },
  crops: { fields: [...T, 'variety', 'categories', 'yieldKgMu', 'note'], columns: ['name', 'variety', 'categories', 'yieldKgMu'], code: 'C' },
  partners: { fields: [...T, 'role', 'creditCode', 'license', 'gln', 'address', 'contact', 'phone', 'note'], columns: ['name', 'role', 'creditCode', 'license', 'contact', 'phone'], code: 'K' },
}
export const WORDS = { category: ['pesticide', 'fertiliser', 'seed', 'feed', 'other'], role: ['supplier', 'buyer', 'both'] }
export const NUMBERS = ['shelfDays', 'intervalDays', 'yieldKgMu', 'areaMu']
export const LISTS = ['activeIngredients', 'variety', 'categories']
export const SECOND = ['nameHant', 'nameEn', 'gtin', 'barcode', 'grade', 'note', 'gln', 'formulation', 'manufacturer', 'supplier', 'categories', 'address', 'license']
export const exportUrl = (kind, form) => `/api/${kind}.${form}?org=${encodeURIComponent(org.value)}`
export const importUrl = kind => `/api/${kind}/import?org=${encodeURIComponent(org.value)}`

const split = s => String(s).split(/[、,，;；]+/).map(x => x.trim()).filter(Boolean)
const number = x => (/^-?\d+(\.\d+)?$/.test(String(x).trim()) ? Number(x) : x)
// What is put: empty members stay out; what is no number is sent as it stands, and the server says so at its field.
export function bodyOf(kind, v) {
  const out = {}
  for (const f of THINGS[kind].fields) {
    const x = v[f]
    if (f === 'labels') { const l = (x ?? []).map(labelBody).filter(y => y.crop); if (l.length) out.labels = l } else if (x === undefined || x === null || String(x).trim() === '') continue
    else out[f] = LISTS.includes(f) ? (Array.isArray(x) ? x : split(x)) : NUMBERS.includes(f) ? number(x) : typeof x === 'string' ? x.trim() : x
  }
  return out
}
const labelBody = l => {
  const out = { crop: String(l.crop ?? '').trim() }
  if (String(l.target ?? '').trim()) out.target = l.target.trim()
  for (const n of ['intervalDays', 'maxUses']) if (String(l[n] ?? '').trim() !== '') out[n] = number(l[n])
  if (String(l.doseMin ?? l.doseMax ?? '').trim() !== '') out.dose = Object.fromEntries(Object.entries({ min: number(l.doseMin ?? ''), max: number(l.doseMax ?? ''), uom: l.doseUom || 'g/mu' }).filter(([, y]) => y !== ''))
  return out
}
export const valuesOf = (kind, x = {}) => Object.fromEntries(THINGS[kind].fields.map(f => [f, f === 'labels' ? (x.labels ?? []).map(l => ({ crop: l.crop, target: l.target ?? '', intervalDays: l.intervalDays ?? '', maxUses: l.maxUses ?? '', doseMin: l.dose?.min ?? '', doseMax: l.dose?.max ?? '', doseUom: l.dose?.uom ?? '' })) : LISTS.includes(f) ? (Array.isArray(x[f]) ? x[f].join('、') : x[f] ?? '') : x[f] ?? '']))
