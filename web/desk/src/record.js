// Records as people read them, out of EPCIS events: whichever door they came through.  Pure.
const STEP = { sowing: 'sow', inoculating: 'sow', transplanting: 'transplant', fertilising: 'fertilise', spraying: 'spray', irrigating: 'irrigate', weeding: 'weed', pruning: 'prune', growth: 'growth', growing: 'growth', harvesting: 'harvest',
  sorting: 'sort', milling: 'mill', drying: 'dry', clearing: 'clear', receiving: 'receive-input', stock_taking: 'stocktake', destroying: 'destroy-input' }
const voc = 'https://w3id.org/suyuan/voc/'
export const word = x => String(x ?? '').replace(voc, '').replace(/^suyuan:/, '').replace(/^.*[:/]/, '')
const has = (e, name) => e['suyuan:' + name] ?? e[voc + name]
const bare = x => (x && typeof x === 'object' ? x['@value'] ?? x['@id'] ?? x.id ?? '' : x)
export const member = (e, name) => bare(has(e, name))

export const quantities = e => [
  ...(e.inputQuantityList ?? []).map(q => ({ ...q, way: 'in' })), ...(e.outputQuantityList ?? []).map(q => ({ ...q, way: 'out' })),
  ...(e.quantityList ?? []).map(q => ({ ...q, way: 'is' })), ...(e.childQuantityList ?? []).map(q => ({ ...q, way: 'in' }))]

export function actOf(e) {
  const step = word(e.bizStep)
  if (step === 'packing') return e.type === 'AggregationEvent' ? 'aggregate' : 'pack'
  if (step === 'shipping' && member(e, 'input')) return 'return-input'
  if (['receiving', 'stock_taking', 'destroying'].includes(step) && !member(e, 'input')) return ''
  return STEP[step] ?? ''
}
const path = uri => { try { return decodeURIComponent(new URL(String(uri), 'http://x/').pathname) } catch { return String(uri) } }
// "/season/guyu/2026-a" -> { kind, org, code }
export function nameOfUri(uri) {
  const p = path(uri).split('/').filter(Boolean)
  return p.length >= 3 && ['season', 'place', 'input', 'product', 'lot', 'partner', 'staff', 'crop', 'item', 'unit'].includes(p[0]) ? { kind: p[0], org: p[1], code: p.slice(2).join('/') } : { kind: '', org: '', code: String(uri ?? '') }
}
export const tail = uri => nameOfUri(uri).code.split('/').pop()
export const canonicalPath = path

export function evidenceOf(e) {
  const list = has(e, 'evidence') ?? []
  return (Array.isArray(list) ? list : [list]).map(x => {
    const id = typeof x === 'string' ? x : x.id ?? x['@id'] ?? '', m = /sha-256;([0-9a-f]{64})/i.exec(id)
    return { id, hash: m ? m[1].toLowerCase() : '', type: typeof x === 'string' ? '' : member(x, 'mediaType') ?? '', at: typeof x === 'string' ? '' : member(x, 'takenAt') ?? '' }
  }).filter(x => x.hash)
}
export function recordOf(e) {
  const seasonUri = [e.transformationID, ...(e.epcList ?? [])].find(x => nameOfUri(x).kind === 'season'), season = nameOfUri(seasonUri)
  const of = nameOfUri(e.parentID), place = nameOfUri(e.readPoint?.id ?? e.bizLocation?.id ?? (of.kind === 'place' ? e.parentID : undefined))
  return {
    id: e.eventID, act: actOf(e), step: word(e.bizStep), type: e.type, at: e.eventTime, recorded: e.recordTime, season: season.kind ? season.code : '', org: season.org || place.org, place: place.code,
    quantities: quantities(e), input: tail(member(e, 'input') ?? ''), evidence: evidenceOf(e), operator: tail(member(e, 'operator') ?? ''), text: member(e, 'note') ?? '', clock: clockOf(e),
    corrects: '', wrong: e.errorDeclaration ? { at: e.errorDeclaration.declarationTime, by: (e.errorDeclaration.correctiveEventIDs ?? [])[0] ?? '', reason: word(e.errorDeclaration.reason) } : null, event: e,
  }
}
function clockOf(e) {
  const c = has(e, 'clock')
  return c && typeof c === 'object' ? member(c, 'grade') ?? '' : c ?? ''
}
// One record for each eventID: an error declaration is told at the record that it is about, and the one that takes its place says so.
export function together(events) {
  const by = new Map()
  for (const e of events) {
    const r = recordOf(e), old = by.get(r.id)
    if (!old) by.set(r.id, r)
    else if (r.wrong) by.set(r.id, { ...old, wrong: r.wrong })
    else by.set(r.id, { ...r, wrong: old.wrong })
  }
  for (const r of by.values()) if (r.wrong?.by && by.has(r.wrong.by)) by.get(r.wrong.by).corrects = r.id
  return [...by.values()]
}

// What stands in an event, as the fields of its act's form: for a correction, which begins with what was said.
const FIELD = { variety: 'variety', areaMu: 'areaMu', target: 'target', method: 'method', look: 'look', heightCm: 'heightCm', pest: 'pest', reason: 'reason', weather: 'weather', note: 'note', dose: 'dose' }
const lots = list => (list ?? []).map(q => ({ lot: nameOfUri(q.epcClass).code, quantity: q.quantity ?? '', uom: q.uom ?? '' }))
export function fieldsOfRecord(r, enteredUnit = u => u) {
  const e = r.event, out = {}, ilmd = e.ilmd ?? {}
  for (const [field, name] of Object.entries(FIELD)) { const v = member(e, name); if (v !== undefined && v !== '') out[field] = v }
  const stage = member(e, 'growthStage')
  if (stage) out.stage = String(stage).replace(/^BBCH /, '')
  if (r.season) out.season = r.season
  else if (r.place) out.place = r.place
  const product = member(e, 'product')
  if (r.input) out.product = r.input
  else if (product && typeof product === 'string') out.product = tail(product)
  const list = r.act === 'harvest' ? e.outputQuantityList : r.act === 'pack' ? e.outputQuantityList : e.inputQuantityList ?? e.quantityList
  if (['sort', 'mill', 'dry'].includes(r.act)) Object.assign(out, { inputs: lots(e.inputQuantityList), outputs: lots(e.outputQuantityList) })
  else if (r.act === 'aggregate') Object.assign(out, { parent: nameOfUri(e.parentID).code, children: (e.childEPCs ?? []).map(x => nameOfUri(x).code), lots: lots(e.childQuantityList) })
  else if (list?.[0]) {
    const q = list[0], of = nameOfUri(q.epcClass)
    if (of.kind === 'lot') out.lot = of.code
    if (q.quantity !== undefined) Object.assign(out, { quantity: q.quantity, uom: enteredUnit(q.uom ?? '') })
    if (r.act === 'pack') out.inputs = lots(e.inputQuantityList)
  }
  const source = e.sourceList?.[0]?.source ?? e.destinationList?.[0]?.destination
  if (source) out.supplier = tail(source)
  const inv = (e.bizTransactionList ?? []).find(b => word(b.type) === 'inv')
  if (inv) out.invoice = tail(inv.bizTransaction) || inv.bizTransaction.split('/').pop()
  const ends = ilmd['cbvmda:itemExpirationDate'] ?? ilmd['urn:epcglobal:cbv:mda:itemExpirationDate']
  if (ends) out.expires = ends
  if (r.operator) out.operator = r.operator
  return out
}
