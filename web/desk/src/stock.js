// The store of inputs: what each lot holds.
import { list } from './api.js'
import { nameOfUri, tail } from './record.js'
import { at } from './state.js'

const day = x => String(x ?? '').slice(0, 10)
export const stock = async () => (await list(at('stock'))).map(l => ({ ...l, code: nameOfUri(l.lot).kind === 'lot' ? tail(l.lot) : '', good: tail(l.good ?? l.input ?? l.product ?? ''), place: tail(l.place ?? ''), expires: day(l.expires), balance: l.balance ?? l.quantity }))
