// How a record, its amounts and its act are told.
import { computed } from 'vue'
import { tail } from './record.js'
import { found, ref_ } from './state.js'
import { nameOf, number, said, t, worded } from './t.js'

const CODES = { KGM: 'kg', GRM: 'g', MGM: 'mg', TNE: 't', LTR: 'L', MLT: 'mL', MTQ: 'm3', C62: 'pcs', EA: 'pcs', H87: 'pcs', XBG: 'bag', XBO: 'bottle', XBX: 'box', XCT: 'carton' }
export const entered = code => CODES[code] ?? code
const units = computed(() => ref_.kinds.flatMap(k => k.fields).find(f => f.units)?.units ?? [])
export const unit = code => { const u = units.value.find(x => x.value === entered(code)); return u ? said(u.label) : entered(code) }
export const kindOf = act => ref_.kinds.find(k => k.act === act)
export const actWords = r => said(kindOf(r.act)?.title) || (worded('step_' + r.step) ? t('step_' + r.step) : t('step', { name: r.step }))
export const amount = q => (q.quantity === undefined ? '' : `${number(q.quantity)} ${unit(q.uom ?? '')}`)
export const inputName = code => nameOf(found('inputs', code)) || code
export const placeName = code => nameOf(found('places', code)) || code
export const staffName = code => nameOf(found('staff', code)) || code
export const seasonName = code => {
  const s = found('seasons', code)
  return s ? `${placeName(s.plot)} · ${cropName(s.crop)}` : code
}
// A channel by its own name, else by what it measures, else by its code.
export const channelName = c => nameOf({ ...c, code: '' }) || (worded('q_' + c.quantity) ? t('q_' + c.quantity) : c.code)
// What was found: a check has its word, so has an alarm that nobody needed to describe; another one's name is what people called it.
export const findingTitle = f => {
  const alarm = f.kind.startsWith('alarm:') ? f.kind.slice(6) : ''
  return alarm ? (worded('a_' + alarm) ? t('a_' + alarm) : alarm) : t('k_' + f.kind)
}
export const cropName = c => nameOf(ref_.crops.find(x => x.code === c)) || c || ''
// "吡蚜酮 20 公斤" of a record.
export const what = r => r.type === 'AssociationEvent' ? (r.event.childEPCs ?? []).map(tail).join(' ') : r.quantities.slice(0, 4).map(q => [r.input && q.way !== 'out' ? inputName(r.input) : tail(q.epcClass), amount(q)].filter(Boolean).join(' ')).join('；') + (r.quantities.length > 4 ? ' …' : '')
