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
const mine = r => !r.org || r.org === org.value
const newest = (a, b) => String(b.at).localeCompare(String(a.at))
// Everything that happened since a day (a declaration that an event was wrong bears that event's time).
export const since = async day => together(await events({ GE_eventTime: day + 'T00:00:00+08:00', perPage: 500 })).filter(mine).sort(newest)
export async function ofSeason(uri) {
  const [made, seen] = await Promise.all([events({ EQ_transformationID: uri, perPage: 500 }), events({ MATCH_anyEPC: uri, perPage: 500 })])
  return together([...made, ...seen.filter(e => e.transformationID !== uri)]).sort(newest)
}
