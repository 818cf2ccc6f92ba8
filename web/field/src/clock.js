// What time it was, on a phone whose clock may be wrong or set back.  performance.now() only grows, so a wall clock that has moved less than it has been
// set back; what was seen last is kept over restarts.  The server's time, whenever we hear it, corrects both.  Nothing else reads Date.now().
import { get, set } from './db.js'

const slack = 2000              // ms: less than this is nobody's fault
let offset = 0                  // server's time - this clock's, ms
let jump = 0                    // how far the clock was set back since, ms
let heard = null                // { time, perf, here: in this run }
let last = { time: 0, perf: 0 } // the latest time that we believed

export async function startClock() {
  const kept = await get('clock')
  if (kept) {
    offset = kept.offset
    heard = kept.heard && { time: kept.heard, here: false }
    last = { time: kept.seen, perf: performance.now() }
  }
  now()
}

export function now() {
  const perf = performance.now(), told = Date.now() + offset + jump, least = last.time + (perf - last.perf)
  if (told < least - slack) jump += least - told
  last = { time: Math.round(Math.max(told, least)), perf }
  return last.time
}

export const setBack = () => { now(); return jump }     // ms; 0: not

export const keepClock = () => set('clock', { offset, heard: heard?.time, seen: now() })

// `date`: the Date header of an answer, in whole seconds.
export function hear(date) {
  const time = Date.parse(date) + 500
  if (!time) return
  const found = time - Date.now()
  offset = Math.abs(found) <= slack ? 0 : Math.round(found)
  jump = 0
  heard = { time, perf: performance.now(), here: true }
  last = { time: Date.now() + offset, perf: heard.perf }
  return keepClock()
}
export const offsetMs = () => offset

// How the time of a record can be judged later (MODEL: grades of the clock).  Uptimes of different runs cannot be compared, so an older one stays out.
export function evidence() {
  const e = { deviceTime: stamp(Date.now()), uptimeMs: Math.round(performance.now()) }
  if (heard) e.serverTime = stamp(heard.time)
  if (heard?.here) e.serverUptimeMs = Math.round(heard.perf)
  return e
}

const two = n => String(n).padStart(2, '0')
export function stamp(ms) {     // RFC 3339 with the place's offset
  const d = new Date(ms), minutes = -d.getTimezoneOffset(), m = Math.abs(minutes)
  return `${new Date(ms + minutes * 60000).toISOString().slice(0, -1)}${minutes < 0 ? '-' : '+'}${two(m / 60 | 0)}:${two(m % 60)}`
}
export const today = () => stamp(now()).slice(0, 10)
