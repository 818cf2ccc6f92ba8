// Where a season stands, from what was recorded of it, or what the server says of it at a glance.  Pure.
export const STAGES = ['ready', 'growing', 'picking', 'cleared']
export function stageOf(acts, season = {}) {
  const done = acts.filter(a => !a.wrong)
  if (season.cleared || done.some(a => a.act === 'clear')) return 'cleared'
  if (season.firstHarvest || done.some(a => a.act === 'harvest')) return 'picking'
  return season.acts || done.length ? 'growing' : 'ready'
}
export const bySeason = records => {
  const out = new Map()
  for (const r of records) if (r.season) (out.get(r.season) ?? out.set(r.season, []).get(r.season)).push(r)
  return out
}
// Some at a time: the answer of each to where it stands.
export async function each(list, most, work) {
  const rest = [...list]
  await Promise.all(Array.from({ length: most }, async () => { for (let x; (x = rest.shift());) await work(x) }))
}
