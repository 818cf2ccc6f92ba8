// One request and what its answer means for the queue.
import { hear } from './clock.js'

export class Refused extends Error {    // the server understood and says no
  constructor(status, words, problem) { super(words); this.status = status; this.words = words; this.problem = problem }
}
export class Silent extends Error {     // no answer, or "not now"
  constructor(why, after) { super(why); this.after = after }
}

export const PART = 64 * 1024
let lang = 'zh-Hans'
export const speak = l => { lang = l }

export async function request(method, path, { body, type, headers = {}, patience = 30000 } = {}) {
  const stop = new AbortController(), timer = setTimeout(() => stop.abort(), patience)
  try {
    const answer = await fetch(path, { method, body, signal: stop.signal, cache: 'no-store', credentials: 'same-origin',
      headers: { Accept: 'application/json', 'Accept-Language': lang, ...(type ? { 'Content-Type': type } : {}), ...headers } })
    if (answer.headers.get('date')) hear(answer.headers.get('date')).catch(() => {})
    if (method === 'HEAD') return answer
    const bytes = await answer.arrayBuffer()            // an answer that breaks off is none
    return new Response([204, 205, 304].includes(answer.status) ? null : bytes, { status: answer.status, headers: answer.headers })
  } catch (e) {
    throw new Silent(String(e?.message ?? e))
  } finally { clearTimeout(timer) }
}

export async function ask(method, path, options) {
  const answer = await request(method, path, options)
  if (answer.ok) return answer
  if ([408, 425, 429].includes(answer.status) || answer.status >= 500) throw new Silent('status ' + answer.status, 1000 * (Number(answer.headers.get('retry-after')) || 0))
  throw await refusal(answer)
}

async function refusal(answer) {
  const p = await answer.json().catch(() => ({}))
  const faults = (p.errors ?? p.faults ?? []).map(e => [e.pointer?.replace(/^\//, ''), e.detail ?? e.message].filter(Boolean).join('：')).filter(Boolean)
  return new Refused(answer.status, faults.join('；') || p.detail || p.title || 'HTTP ' + answer.status, p)
}

// A file in parts that go on where the server says.  Returns when it has said that length and digest agree.
export async function putFile(sha, bytes, mediaType, note = () => {}) {
  const path = '/api/blobs/sha256/' + sha, total = bytes.byteLength, start = at => Math.max(0, Math.min(at, Math.max(0, total - 1)))
  const where = answer => { const at = Number(answer.headers.get('upload-offset')); return Number.isInteger(at) && at >= 0 && at <= total ? at : 0 }
  const head = await request('HEAD', path)
  if (head.status === 401) throw new Refused(401, '')
  let at = start(head.ok ? where(head) : 0)             // all there? Its last byte again: the answer to a PUT alone says "complete"
  for (let moves = 0; moves < 4096;) {
    const part = bytes.slice(at, Math.min(at + PART, total))
    let answer
    try {
      answer = await request('PUT', path, { body: part, type: mediaType, headers: { 'Upload-Offset': String(at), 'Upload-Length': String(total) } })
    } catch (e) {
      if (++moves % 4 === 0) throw e                    // some tries at once, then it waits its turn
      const seen = await request('HEAD', path)
      if (seen.ok) at = start(where(seen))
      continue
    }
    moves += 4
    if (answer.status === 409) {
      const next = where(answer)
      if (next === at || moves > 400) throw new Silent('the server stays at ' + next)
      at = start(next)
    } else if (answer.status === 200 || answer.status === 201) {
      note(1)
      return
    } else if (answer.ok) {
      at += part.byteLength
      if (at >= total) throw new Silent('all parts are sent and it is not complete')
      note(at / total)
    } else if (answer.status === 422) throw new Silent('the bytes came otherwise than they left')         // thrown away there: it begins anew
    else if ([408, 425, 429].includes(answer.status) || answer.status >= 500) throw new Silent('status ' + answer.status, 1000 * (Number(answer.headers.get('retry-after')) || 0))
    else throw await refusal(answer)
  }
  throw new Silent('too many parts')
}
