// Records from the server: one season's, or those of a stretch of time.
import { ask, rows } from './api.js'
import { together } from './record.js'
import { org } from './state.js'

const eventsOf = d => d.epcisBody?.queryResults?.resultsBody?.eventList ?? d.eventList ?? rows(d)
async function events(query, most = 20) {
  const all = []
  let next = '/epcis/events?' + new URLSearchParams(query).toString().replaceAll('+', '%20')
  for (let n = 0; next && n < most; n++) {
    const answer = await ask('GET', next), link = /<([^>]+)>;\s*rel="?next/.exec(answer.headers.get('link') ?? '')
    all.push(...eventsOf(await answer.json()))
    const url = link && new URL(link[1], location.href)
    next = url && url.pathname + url.search
  }
  return all
}
// Where the link to the next page leads; '' after the last one.
function nextOf(answer) {
  const link = /<([^>]+)>;\s*rel="?next/.exec(answer.headers.get('link') ?? '')
  return link ? new URL(link[1], location.href).searchParams.get('after') ?? '' : ''
}
// One page of what the server finds, from `after` on: it may have looked in vain for a while and lead on, so ask until there is something or nothing is left.
export async function pageOf(query, after = '', size = 50, goesOn = () => true) {
  const given = Object.fromEntries(Object.entries({ org: org.value, ...query, perPage: size }).filter(([, v]) => v !== ''))
  const all = []
  do {
    const answer = await ask('GET', '/api/records?' + new URLSearchParams({ ...given, ...(after ? { after } : {}) }).toString().replaceAll('+', '%20'))
    all.push(...eventsOf(await answer.json()))
    after = nextOf(answer)
  } while (after && !all.length && goesOn())
  return { list: together(all), next: after }
}
export const MOST_ROWS = 50000   // of a table that is taken along
export async function everything(query) {
  const all = []
  let next = ''
  do {
    const found = await pageOf(query, next, 500)
    all.push(...found.list)
    next = found.next
  } while (next && all.length < MOST_ROWS)
  return { list: all.slice(0, MOST_ROWS), whole: !next }
}
const mine = r => !r.org || r.org === org.value
const newest = (a, b) => String(b.at).localeCompare(String(a.at))
// Everything that happened since a day (a declaration that an event was wrong bears that event's time).
export const since = async day => together(await events({ GE_eventTime: day + 'T00:00:00+08:00', perPage: 500 })).filter(mine).sort(newest)
export async function ofSeason(uri) {
  const [made, seen] = await Promise.all([events({ EQ_transformationID: uri, perPage: 500 }), events({ MATCH_anyEPC: uri, perPage: 500 })])
  return together([...made, ...seen.filter(e => e.transformationID !== uri)]).sort(newest)
}
