// "When may I harvest?" without a signal: the simple rule of intervals over what this phone knows.  The server's judgement knows more and wins when it can be
// asked.  Interval n from a use on day d: harvest from day d + n on.  Pure.

export const dayOf = at => { const [y, m, d] = at.slice(0, 10).split('-').map(Number); return Math.round(Date.UTC(y, m - 1, d) / 86400000) }
export const dateOf = day => new Date(day * 86400000).toISOString().slice(0, 10)

// The label that counts: crop and target, then the crop, then the input's own interval.  -1: nothing says.
export function intervalOf(input, crop, target) {
  if (!input) return -1
  const fits = (input.labels ?? []).filter(l => l.crop === crop && Number.isInteger(l.intervalDays))
  const label = fits.find(l => target && l.target === target) ?? fits.filter(l => !l.target).at(0) ?? fits.sort((a, b) => b.intervalDays - a.intervalDays).at(0)
  return label?.intervalDays ?? (Number.isInteger(input.intervalDays) ? input.intervalDays : -1)
}

// `uses`: [{ product, at, target?, intervalDays? }] of the season.  → { allowed: true | false | 'unknown', from?: date, why: [{ product, date, days, from }] }
export function mayHarvest({ crop, uses, inputs, on }) {
  const why = uses.map(u => {
    const said = Number.isInteger(u.intervalDays) ? u.intervalDays : -1, known = Math.max(said, intervalOf(inputs.find(i => i.code === u.product), crop, u.target)), day = dayOf(u.at)
    return { product: u.product, date: dateOf(day), days: known, from: known < 0 ? undefined : dateOf(day + known) }
  }).sort((a, b) => ((b.from ?? '9') < (a.from ?? '9') ? -1 : 1))
  const froms = why.filter(w => w.from).map(w => w.from).sort(), from = froms.at(-1), late = from && from > on
  return { allowed: late ? false : why.some(w => !w.from) ? 'unknown' : true, from, why }
}

// What a label says of a use here: uses left, and from when one might harvest after it.  Whether it is banned the phone cannot know.
export function maySpray({ crop, uses, inputs, product, on }) {
  const input = inputs.find(i => i.code === product)
  if (!input) return { allowed: 'unknown', why: [{ kind: 'unknown-input' }] }
  const labels = input.labels ?? [], label = labels.find(l => l.crop === crop), before = uses.filter(u => u.product === product).length, days = intervalOf(input, crop), why = []
  if (labels.length && !label) why.push({ kind: 'not-on-label' })
  if (label && Number.isInteger(label.maxUses) && before >= label.maxUses) why.push({ kind: 'too-often', n: before, max: label.maxUses })
  if (days >= 0) why.push({ kind: 'then-harvest', days, from: dateOf(dayOf(on) + days) })
  else why.push({ kind: 'no-interval' })
  const no = why.some(w => w.kind === 'not-on-label' || w.kind === 'too-often')
  return { allowed: no ? false : 'unknown', harvestFrom: days >= 0 ? dateOf(dayOf(on) + days) : undefined, why }
}
