// The store of inputs: what each lot holds.
import { list } from './api.js'
import { canonicalPath, tail } from './record.js'
import { of } from './state.js'

const day = x => String(x ?? '').slice(0, 10)
// `good` is an input's or a product's code; `code` the lot's, empty where the class itself stands.
export const stock = async () => (await list(of('stock') + '&all=true')).map(l => ({ ...l, good: l.code ?? tail(l.good ?? ''), code: canonicalPath(l.lot) === canonicalPath(l.good ?? '') ? '' : tail(l.lot), place: tail(l.place ?? ''), expires: day(l.expires) }))
