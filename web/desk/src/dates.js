// Days as "2026-07-01"; weeks begin on Monday.  Pure.
const DAY = 86400000
export const ms = d => Date.parse(d + 'T00:00:00Z')
export const dayOfMs = x => new Date(x).toISOString().slice(0, 10)
export const plus = (d, n) => dayOfMs(ms(d) + n * DAY)
export const between = (a, b) => Math.round((ms(b) - ms(a)) / DAY)
export const monday = d => plus(d, -((new Date(ms(d)).getUTCDay() + 6) % 7))
export const weeks = (from, n) => Array.from({ length: n }, (_, i) => plus(monday(from), 7 * i))
// ISO 8601: the week that holds the year's first Thursday is the first.
export function weekNumber(d) {
  const thursday = plus(monday(d), 3), first = thursday.slice(0, 4) + '-01-01'
  return 1 + Math.floor(between(first, thursday) / 7)
}
