// Devices and their curves: what stretch of time, how fine, where a line breaks.  Pure.
const DAY = 86400000, HOUR = 3600000, ZONE_MS = 8 * 3600000     // the place's: China has one zone
export const SPANS = ['day', 'week', 'month', 'season']
const LENGTH = { day: DAY, week: 7 * DAY, month: 30 * DAY }, STEP = { day: 600000, week: 3600000, month: 6 * 3600000, season: DAY }
// From when to when, and in what steps: they begin at whole hours and days of the place.  `begun`: the season's first moment.
export function spanOf(span, now, begun) {
  const step = STEP[span] ?? DAY, from = LENGTH[span] ? now - LENGTH[span] : Math.max(begun ?? now - 120 * DAY, now - 400 * DAY)
  return { from: Math.floor((from + ZONE_MS) / step) * step - ZONE_MS, to: now + 1, step }
}
// Where the server let readings go only figures of hours are left: nothing finer is asked for then, also not in a table.
export const byHours = s => (s.step < HOUR ? { ...s, from: Math.floor(s.from / HOUR) * HOUR, step: HOUR, hours: true } : { ...s, hours: true })
export const seriesUrl = (device, channel, { from, to, step, hours }, form = '') => '/api/series?' + new URLSearchParams({ device, channel, from, to, ...(form ? { format: form, ...(hours && { step: HOUR }) } : { step }) })
// [[ms, min, mean, max, count]…] as columns, each value in the middle of its step.  Where steps are missing that there usually are the line is broken.
export function columns(points, step) {
  const out = [[], [], [], []], apart = points.slice(1).map((p, i) => p[0] - points[i][0]).sort((a, b) => a - b), usual = apart[Math.floor(apart.length / 2)] ?? step
  points.forEach((p, i) => {
    if (i && p[0] - points[i - 1][0] > 2.5 * usual) for (const [k, c] of out.entries()) c.push(k ? null : points[i - 1][0] + step)
    for (const [k, c] of out.entries()) c.push(k ? p[k] : p[0] + step / 2)
  })
  return out
}
// Marks on an axis stand as far apart as a thumb can tell; those that would not are one mark.  `at`: pixels of a moment.
export function grouped(marks, at, apart = 26) {
  const out = []
  for (const m of [...marks].sort((a, b) => a.ms - b.ms)) {
    const x = at(m.ms), last = out[out.length - 1]
    if (last && x - last.x < apart) last.list.push(m)
    else out.push({ x, list: [m] })
  }
  return out
}
// Units as people write them, by their code of UN/ECE Recommendation 20.
export const SIGNS = { CEL: '°C', P1: '%', KPA: 'kPa', MTS: 'm/s', DD: '°', MMT: 'mm', LUX: 'lx', 59: 'ppm', G42: 'µS/cm', Q30: 'pH', GQ: 'µg/m³', GP: 'mg/m³', '2N': 'dB(A)', M1: 'mg/L', VLT: 'V', D54: 'W/m²' }
export const signOf = c => SIGNS[c.uom ?? c.unit] ?? c.unit ?? ''
// An id as the server takes it.
export const goodId = id => /^[A-Za-z0-9._-]{1,64}$/.test(id)
export const PROTOCOLS = ['http', 'mqtt', 'hj212', 'modbus']
export const MODELS = ['generic', 'hj212-air', 'hj212-dust', 'hj212-soil', 'hj212-water', 'soil-4in1', 'soil-4in1-ph100', 'logger']
// A finding's severity in the desk's three colours.
export const colourOf = f => (f.severity === 'grave' ? 'blocks' : f.severity)
// How many findings a device of the list has, and the gravest one's colour.
export const counted = d => d.findings.informs + d.findings.warns + d.findings.grave
export const worst = d => colourOf({ severity: ['grave', 'warns', 'informs'].find(s => d.findings[s]) })
