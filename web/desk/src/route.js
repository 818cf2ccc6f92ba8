// Addresses within the page: #/season/2026-a.  The first screen comes with the frame and needs no library but Vue; each other one is a file of its own, fetched when it is
// first asked for, and the library of components with it.
import { defineAsyncComponent, h, reactive } from 'vue'
import Today from './pages/Today.vue'

const screens = {
  seasons: () => import('./pages/Seasons.vue'),
  season: () => import('./pages/Season.vue'),
  plots: () => import('./pages/Plots.vue'),
  store: () => import('./pages/Store.vue'),
  devices: () => import('./pages/Devices.vue'),
  device: () => import('./pages/Device.vue'),
  alarms: () => import('./pages/Alarms.vue'),
  records: () => import('./pages/Records.vue'),
  people: () => import('./pages/People.vue'),
  data: () => import('./pages/Data.vue'),
}
const elements = () => import('./Elements.vue')
export const laid = load => defineAsyncComponent(async () => {
  const [part, around] = await Promise.all([load(), elements()])
  return { inheritAttrs: false, setup: (_, { attrs }) => () => h(around.default, null, { default: () => h(part.default, attrs) }) }
})
const made = { today: Today }
export const screenOf = name => (made[name] ??= laid(screens[name]))

export const route = reactive({ name: 'today', args: [], query: {} })
function read() {
  const [path, search] = location.hash.replace(/^#\/?/, '').split('?'), [name, ...args] = path.split('/').map(s => { try { return decodeURIComponent(s) } catch { return s } })
  Object.assign(route, { name: screens[name] ? name : 'today', args, query: Object.fromEntries(new URLSearchParams(search ?? '')) })
}
addEventListener('hashchange', read)
read()
if (screens[route.name]) Promise.all([screens[route.name](), elements()]).catch(() => {})     // asked for while the server says who is here; should it fail, it is asked for again

export const to = (name, ...rest) => {
  const query = rest.length && typeof rest[rest.length - 1] === 'object' && rest[rest.length - 1] ? rest.pop() : null, q = new URLSearchParams()
  for (const [k, v] of Object.entries(query ?? {})) if (v !== '' && v !== null && v !== undefined) q.set(k, v)
  return '#/' + [name, ...rest].map(encodeURIComponent).join('/') + (String(q) ? '?' + q : '')
}
export const go = (...where) => { location.hash = to(...where) }
// Filters of a list stand in the address, so that going back finds them and a link can be sent on.
export const filter = query => history.replaceState(null, '', to(route.name, ...route.args, (route.query = query)))
