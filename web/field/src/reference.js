// What the forms and the answers need, kept for days: kinds of acts, seasons with what was done on them, plots, inputs.
import { get, set } from './db.js'
import { ask } from './send.js'
import * as clock from './clock.js'

const key = user => 'reference ' + user.owner
export const kept = async user => ({ ...empty(), ...await get(key(user)) })
export const empty = () => ({ kinds: [], seasons: [], places: [], inputs: [], products: [], partners: [], crops: [], stock: [], days: {}, at: 0 })

const rows = said => (Array.isArray(said) ? said : Object.values(said).find(Array.isArray) ?? [])
const most = 40                 // pages of a list
async function list(path) {
  const all = []
  for (let next = path, n = 0; next && n < most; n++) {
    const answer = await ask('GET', next)
    all.push(...rows(await answer.json()))
    const link = /<([^>]+)>;\s*rel="?next/.exec(answer.headers.get('link') ?? '')
    next = link && new URL(link[1], location.href)
    next &&= next.pathname + next.search
  }
  return all
}

// Fetches what it can; a list that cannot be had stays as it was.
export async function renew(user) {
  const r = await kept(user), org = encodeURIComponent(user.org)
  const parts = { kinds: '/api/acts/kinds' }
  for (const name of ['seasons', 'places', 'inputs', 'products', 'partners', 'crops', 'stock']) parts[name] = `/api/${name}?org=${org}`
  let got = 0, failure
  for (const [name, path] of Object.entries(parts)) {
    try { r[name] = await list(path); got++ } catch (e) { failure = e }
  }
  for (const s of r.seasons.filter(open).slice(0, 200)) {
    try { r.days[s.code] = await (await ask('GET', `/api/seasons/${org}/${encodeURIComponent(s.code)}`)).json() } catch (e) { failure = e; break }
  }
  if (!got) throw failure
  r.at = clock.now()
  await set(key(user), r)
  return r
}
export const open = s => !s.closed && !s.cleared && s.state !== 'closed'

export const lasts = async user => (await get('lasts ' + user.owner)) ?? { fields: {} }
export const keepLasts = (user, lasts) => set('lasts ' + user.owner, lasts)
