// The queue of one user: what was recorded and has not reached the server.  A record and its files are stored in one transaction; the record is sent first
// (1 KB arrives on the weakest link), its files after it in parts; a file's bytes go only when the server says that it has them all.
import { db, get, together } from './db.js'
import { base64, uuid } from './bytes.js'
import * as clock from './clock.js'
import { ask, putFile, Refused, Silent } from './send.js'
import { exclusively } from './lock.js'
import { forget, signed } from './sign.js'

// A record: { id, owner, org, act, at, fields, subject: {season|plot}, corrects?, clock, position?, files: [{sha256, kind, mediaType, bytes, takenAt, position?, there?}],
//   thumb?, state, missing: [names], tries, due, why?, body?, eventID?, findings?, sentAt? }
// States: draft (something that must be there is not), waiting, files (the record is there), done, refused.
export const PENDING = ['draft', 'waiting', 'files', 'refused']

export const records = async owner => (await (await db()).getAllFromIndex('records', 'owner', owner)).sort((a, b) => b.made - a.made)
export const record = async id => (await db()).get('records', id)
export const fileOf = async (id, sha) => (await db()).get('files', [id, sha])

// Who else has unsent records on this phone: { owner: count }.
export async function others(owner) {
  const found = {}
  for (const r of await (await db()).getAll('records')) if (r.owner !== owner && r.state !== 'done') found[r.owner] = (found[r.owner] ?? 0) + 1
  return found
}

// `files`: [{ bytes: ArrayBuffer, sha256, kind, mediaType, takenAt, position? }]: read and digested before; nothing is awaited within.  `known`: files of a record
// that this one corrects; the server has them.
export async function save(r, files, known = []) {
  const whole = { id: uuid(), made: clock.now(), tries: 0, due: 0, state: r.missing?.length ? 'draft' : 'waiting', ...r, files: [...known, ...files.map(({ bytes, ...f }) => ({ ...f, bytes: bytes.byteLength }))] }
  await together(['records', 'files'], t => {
    for (const f of files) t.objectStore('files').put({ record: whole.id, sha256: f.sha256, mediaType: f.mediaType, bytes: f.bytes })
    return t.objectStore('records').put(whole)
  })
  clock.keepClock().catch(() => {})
  return whole
}

// Before it has been offered to the server a record may change; afterwards only a correction may.
export const changeable = r => !r.body || r.state === 'refused'
export async function change(id, owner, what, files = []) {
  return together(['records', 'files'], async t => {
    const r = await t.objectStore('records').get(id)
    if (!r || r.owner !== owner || !changeable(r) || r.eventID) return null
    for (const f of files) t.objectStore('files').put({ record: id, sha256: f.sha256, mediaType: f.mediaType, bytes: f.bytes })
    Object.assign(r, what, { state: what.missing?.length ? 'draft' : 'waiting', tries: 0, due: 0, why: undefined, body: undefined, rev: (r.rev ?? 0) + 1 })
    r.files.push(...files.map(({ bytes, ...f }) => ({ ...f, bytes: bytes.byteLength })))
    await t.objectStore('records').put(r)
    return r
  })
}
export async function drop(id, owner) {
  return together(['records', 'files'], async t => {
    const r = await t.objectStore('records').get(id)
    if (!r || r.owner !== owner || (r.state !== 'done' && !changeable(r))) return false
    for (const key of await t.objectStore('files').index('record').getAllKeys(id)) await t.objectStore('files').delete(key)
    await t.objectStore('records').delete(id)
    return true
  })
}
const update = (id, what) => together(['records'], async t => {
  const r = await t.objectStore('records').get(id)
  if (r) await t.objectStore('records').put(Object.assign(r, what))
  return r
})
export const again = (id, owner) => together(['records'], async t => {
  const r = await t.objectStore('records').get(id)
  if (!r || r.owner !== owner || r.state === 'done' || r.state === 'draft') return
  if (r.state === 'refused') Object.assign(r, { state: r.eventID ? 'files' : 'waiting', why: undefined, body: r.eventID ? r.body : undefined, files: r.files.map(({ refused, ...f }) => f) })
  await t.objectStore('records').put(Object.assign(r, { tries: 0, due: 0 }))
})

// What is sent.  It is made once: the same bytes go again until they are answered, so that the server knows them.
function formOf(r) {
  const files = r.files.map(f => ({ sha256: f.sha256, kind: f.kind, mediaType: f.mediaType, bytes: f.bytes, takenAt: f.takenAt, ...(f.position ? { position: f.position } : {}) }))
  return { id: r.id, act: r.act, ...r.subject, at: r.at, ...r.fields, ...(r.corrects ? { corrects: r.corrects } : {}), ...(r.position ? { position: r.position } : {}),
    ...(files.length ? { evidence: files } : {}), clock: { ...r.clock, offsetMs: clock.offsetMs() } }
}

const wait = tries => Math.min(300000, 1000 * 2 ** Math.min(tries, 9)) * (0.75 + Math.random() / 2)

async function sendRecord(r) {
  let offered
  if (!r.body) {
    const form = formOf(r), signature = r.unsigned ? undefined : await signed(r.org, form).catch(() => undefined)
    offered = await together(['records'], async t => {          // it may have been changed or dropped since it was read
      const fresh = await t.objectStore('records').get(r.id)
      if (!fresh || fresh.state !== 'waiting' || fresh.rev !== r.rev) return null
      fresh.body = JSON.stringify({ ...form, ...(signature ? { signature } : {}) })
      await t.objectStore('records').put(fresh)
      return fresh
    })
    if (!offered) return
  } else offered = r
  const answer = await ask('POST', '/api/acts', { body: offered.body, type: 'application/json' }).catch(async e => {
    if (!(e instanceof Refused) || !e.problem?.errors?.some(x => x.pointer?.startsWith('/signature'))) throw e
    await forget(r.org)                 // the key was revoked: the record is as true without it
    await update(r.id, { body: undefined, unsigned: true })
    throw new Silent('once more, unsigned')
  })
  const said = await answer.json().catch(() => ({}))
  await update(r.id, { state: r.files.length ? 'files' : 'done', eventID: said.eventID ?? 'urn:uuid:' + r.id, findings: said.findings ?? [], tries: 0, due: 0, why: undefined, sentAt: clock.now() })
}

async function sendFiles(id, note) {
  for (const f of (await record(id)).files) {
    if (f.there || f.refused) continue
    if (await asked()) throw new Silent('somebody signs in')
    const kept = await fileOf(id, f.sha256)
    if (kept) {
      try {
        await putFile(f.sha256, kept.bytes, kept.mediaType, part => note(id, f.sha256, part))
      } catch (e) {
        if (!(e instanceof Refused)) throw e
        await mark(id, f.sha256, { refused: e.words })
        continue
      }
    }
    await mark(id, f.sha256, { there: true })
  }
  const r = await record(id), bad = r.files.find(f => f.refused)
  await update(id, bad ? { state: 'refused', why: bad.refused } : { state: 'done', why: undefined, sentAt: clock.now(), tries: 0 })
}
const mark = (id, sha, what) => together(['records', 'files'], async t => {
  const r = await t.objectStore('records').get(id)
  Object.assign(r.files.find(f => f.sha256 === sha), what)
  if (what.there) await t.objectStore('files').delete([id, sha])
  await t.objectStore('records').put(Object.assign(r, { tries: 0 }))
})

// Who the server takes us for.  Nothing is sent under another name than the queue's.
async function whose(owner) {
  const self = await (await ask('GET', '/api/session')).json()
  return ownerOf(self) === owner
}
export const ownerOf = self => `${self.org || 'default'}/${self.actor}`

// Somebody wants to sign in (session.js): what is under way ends with the record.
const asked = async () => Math.abs(clock.now() - (await get('entering') ?? 0)) < 60000

// Sends what is due.  Only one runs, of all tabs.  Returns { state: 'sent' | 'busy' | 'login' | 'silent', due: ms until the next try }.
export function drain(owner, note = () => {}) {
  return exclusively('queue', async () => {
    const due = async () => (await records(owner)).filter(r => ['waiting', 'files'].includes(r.state)).reverse()
    let list = await due(), silent = 0
    if (!list.length) return { state: 'sent' }
    try {
      if (!await whose(owner)) return { state: 'login' }
    } catch (e) {
      if (e instanceof Refused && e.status === 401) return { state: 'login' }
      return { state: 'silent', due: 5000 }
    }
    for (const { id } of list) {
      if (await asked()) return { state: 'busy', due: 5000 }
      const r = await record(id)
      if (!r || !['waiting', 'files'].includes(r.state) || r.due > clock.now()) continue
      note(id)
      try {
        if (r.state === 'waiting') await sendRecord(r)
        if ((await record(id))?.state === 'files') await sendFiles(id, note)
        silent = 0
      } catch (e) {
        if (e instanceof Refused && e.status === 401) return { state: 'login' }
        if (e instanceof Refused) await update(id, { state: 'refused', why: e.words, status: e.status })
        else if (e instanceof Silent) {
          const fresh = await record(id)
          if (fresh) await update(id, { tries: fresh.tries + 1, due: clock.now() + Math.max(e.after ?? 0, wait(fresh.tries)) })
          if (++silent >= 3) break              // the network is away: the others would only fail too
        } else throw e
      }
      note(id)
    }
    list = await due()
    return list.length ? { state: silent >= 3 ? 'silent' : 'sent', due: Math.max(500, Math.min(...list.map(r => r.due)) - clock.now()) } : { state: 'sent' }
  }, { state: 'busy', due: 4000 })
}

// The whole queue as a file, so that nothing depends on this phone alone.
export async function exported(owner) {
  const parts = [`{"format":"suyuan field queue 1","owner":${JSON.stringify(owner)},"records":[`]
  let n = 0
  for (const r of (await records(owner)).filter(r => r.state !== 'done').reverse()) {
    const { thumb, body, ...said } = r, files = []
    for (const f of r.files) {
      const kept = await fileOf(r.id, f.sha256)
      if (kept) files.push({ sha256: f.sha256, mediaType: f.mediaType, base64: base64(kept.bytes) })
    }
    parts.push(`${n++ ? ',' : ''}${JSON.stringify({ ...said, send: body ? JSON.parse(body) : formOf(r), bytesOfFiles: files })}`)
  }
  parts.push(']}\n')
  return new Blob(parts, { type: 'application/json' })
}
