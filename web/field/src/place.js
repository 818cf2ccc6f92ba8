// Where the phone is, and on which plot that is.  WGS 84, metres.
export const fix = { at: 0, position: null, failed: '' }
let watching
export function watch(now, changed = () => {}) {
  if (watching !== undefined || !navigator.geolocation) return
  watching = navigator.geolocation.watchPosition(p => {
    Object.assign(fix, { at: now(), failed: '', position: { lat: round(p.coords.latitude), lon: round(p.coords.longitude), accuracyM: Math.round(p.coords.accuracy * 10) / 10 } })
    changed()
  }, e => { fix.failed = e.code === 1 ? 'denied' : 'none'; changed() }, { enableHighAccuracy: true, maximumAge: 15000, timeout: 30000 })
}
const round = x => Math.round(x * 1e7) / 1e7
export const fresh = now => (fix.position && now - fix.at < 120000 ? { ...fix.position } : null)

export const inside = (geo, p) => rings(geo).some(([outer, ...holes]) => within(outer, p) && !holes.some(h => within(h, p)))
const rings = g => (g?.type === 'Polygon' ? [g.coordinates] : g?.type === 'MultiPolygon' ? g.coordinates : g?.type === 'Feature' ? rings(g.geometry) : [])
function within(ring, { lat, lon }) {
  let odd = false
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [x1, y1] = ring[i], [x2, y2] = ring[j]
    if ((y1 > lat) !== (y2 > lat) && lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1) odd = !odd
  }
  return odd
}
