// Outlines of plots: rings of [longitude, latitude] (WGS 84), their size in mu, and what must hold of one.  Pure.
const R = 6371008.8, RAD = Math.PI / 180
export const MU = 10000 / 15    // square metres

const flat = ring => {
  const lats = ring.map(p => p[1]), lat0 = (Math.min(...lats) + Math.max(...lats)) / 2, [lon0] = ring[0] ?? [0], k = Math.cos(lat0 * RAD)
  return ring.map(([lon, lat]) => [(lon - lon0) * RAD * R * k, (lat - lat0) * RAD * R])
}
export function areaMu(ring) {
  if (ring.length < 3) return 0
  const p = flat(ring)
  let twice = 0
  for (let i = 0, j = p.length - 1; i < p.length; j = i++) twice += p[j][0] * p[i][1] - p[i][0] * p[j][1]
  return Math.abs(twice) / 2 / MU
}
export function edgeM(a, b) {
  const [, q] = flat([a, b])
  return Math.hypot(q[0], q[1])
}
const side = (a, b, c) => Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))
const cross = (a, b, c, d) => side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0
export function crossesItself(ring) {
  const n = ring.length
  for (let i = 0; i < n; i++) for (let j = i + 2; j < n; j++) {
    if (i === 0 && j === n - 1) continue
    if (cross(ring[i], ring[(i + 1) % n], ring[j], ring[(j + 1) % n])) return true
  }
  return false
}
const round = x => Math.round(x * 1e7) / 1e7
// RFC 7946: closed, outer ring counter-clockwise.
export function polygon(ring) {
  const p = flat(ring)
  let twice = 0
  for (let i = 0, j = p.length - 1; i < p.length; j = i++) twice += p[j][0] * p[i][1] - p[i][0] * p[j][1]
  const way = (twice < 0 ? [...ring].reverse() : [...ring]).map(([lon, lat]) => [round(lon), round(lat)])
  return { type: 'Polygon', coordinates: [[...way, way[0]]] }
}
const open = ring => {
  const a = ring[0], b = ring[ring.length - 1]
  return ring.length > 1 && a[0] === b[0] && a[1] === b[1] ? ring.slice(0, -1) : ring
}
// All outer rings of an outline as it is kept: geometry, feature, or a collection with one.
export function ringsOf(outline) {
  const g = typeof outline === 'string' ? parse(outline) : outline
  if (!g) return []
  if (g.type === 'Feature') return ringsOf(g.geometry)
  if (g.type === 'FeatureCollection') return g.features.flatMap(ringsOf)
  if (g.type === 'Polygon') return [open(g.coordinates[0])]
  if (g.type === 'MultiPolygon') return g.coordinates.map(c => open(c[0]))
  return []
}
const parse = s => { try { return JSON.parse(s) } catch { return null } }
export const middle = rings => {
  const all = rings.flat()
  return all.length ? [all.reduce((s, p) => s + p[0], 0) / all.length, all.reduce((s, p) => s + p[1], 0) / all.length] : null
}
// "25.79, 113.04" a line, as people copy it from a phone; null: some line is none.
export function ringOfText(text) {
  const out = []
  for (const line of text.split(/\n|;/).map(s => s.trim()).filter(Boolean)) {
    const m = /^(-?\d+(?:\.\d+)?)\s*[,，\s]\s*(-?\d+(?:\.\d+)?)$/.exec(line)
    if (!m || Math.abs(m[1]) > 90 || Math.abs(m[2]) > 180) return null
    out.push([Number(m[2]), Number(m[1])])
  }
  return out
}
export const textOfRing = ring => ring.map(([lon, lat]) => `${lat.toFixed(6)}, ${lon.toFixed(6)}`).join('\n')
