// Questions to the server.  What it refuses is a Problem with the words of the problem document and, for each field, what is wrong there.
import { lang } from '../../common/speech.js'
import { faultWords } from './faults.js'

export class Problem extends Error {
  constructor(status, document = {}) {
    const faults = (document.errors ?? document.faults ?? []).map(f => ({ ...f, pointer: f.pointer ?? '' }))
    if (!faults.length && document.pointer) faults.push({ pointer: document.pointer, detail: document.detail })
    super(document.detail || document.title || 'HTTP ' + status)
    Object.assign(this, { status, document, faults, title: document.title ?? '' })
  }
  // What stands at a field: "/quantity" and whatever lies within it.
  at(name) { return this.faults.filter(f => f.pointer.split('/')[1] === name).map(faultWords).join(' ') }
}
export const bus = { away: () => {} }           // called when the server no longer knows us

const head = type => ({ Accept: 'application/json', 'Accept-Language': lang.value, ...(type ? { 'Content-Type': type } : {}) })
async function refusal(status, text) {
  let document = {}
  try { document = JSON.parse(text) } catch { document = { detail: text.slice(0, 300) } }
  if (status === 401) bus.away()
  return new Problem(status, document)
}
export async function ask(method, path, body, type = 'application/json', headers = {}) {
  const raw = body === undefined || typeof body === 'string' || body instanceof Blob || body instanceof ArrayBuffer
  let answer
  try {
    answer = await fetch(path, { method, cache: 'no-store', credentials: 'same-origin', body: raw ? body : JSON.stringify(body), headers: { ...head(body === undefined ? '' : type), ...headers } })
  } catch (e) { throw new Problem(0, { title: String(e.message ?? e) }) }
  if (!answer.ok) throw await refusal(answer.status, await answer.text())
  return answer
}
export const get = async path => (await ask('GET', path)).json()
export const post = async (path, body) => { const a = await ask('POST', path, body); return a.status === 204 ? null : a.json().catch(() => null) }
export const put = async (path, body) => { const a = await ask('PUT', path, body); return a.status === 204 ? null : a.json().catch(() => null) }
export const drop = path => ask('DELETE', path)

export const rows = x => (Array.isArray(x) ? x : Object.values(x ?? {}).find(Array.isArray) ?? [])
const most = 60                 // pages of one list
// A whole list, page by page: the next one is named by a Link header or by `next`.
export async function list(path) {
  const all = []
  for (let next = path, n = 0; next && n < most; n++) {
    const answer = await ask('GET', next), body = await answer.json(), link = /<([^>]+)>;\s*rel="?next/.exec(answer.headers.get('link') ?? '')
    all.push(...rows(body))
    const url = link ? new URL(link[1], location.href) : null
    next = url ? url.pathname + url.search : typeof body?.next === 'string' && body.next ? (body.next.startsWith('/') ? body.next : `${path}${path.includes('?') ? '&' : '?'}after=${encodeURIComponent(body.next)}`) : null
  }
  return all
}
// A file, with how much of it is there (0 to 1).  Gives { status, body }.
export const sendFile = (method, path, file, type, note) => new Promise((done, fail) => {
  const x = new XMLHttpRequest()
  x.open(method, path)
  for (const [k, v] of Object.entries(head(type))) x.setRequestHeader(k, v)
  x.upload.onprogress = e => e.lengthComputable && note(e.loaded / e.total)
  x.onload = async () => {
    if (x.status >= 200 && x.status < 300) done({ status: x.status, body: x.responseText ? JSON.parse(x.responseText) : null })
    else fail(await refusal(x.status, x.responseText))
  }
  x.onerror = () => fail(new Problem(0, { title: 'network' }))
  x.send(file)
})
export const hex = bytes => [...new Uint8Array(bytes)].map(b => b.toString(16).padStart(2, '0')).join('')
