// C2SP tlog-policy: which logs are believed, and how many witnesses must have cosigned.
import { cosignedAt, isSignedBy, readKey } from './note.js'

function readGroup(words, known) {
  const [name, asked, ...members] = words
  const k = asked === 'any' ? 1 : asked === 'all' ? members.length : /^[1-9]\d*$/.test(asked) ? Number(asked) : 0
  if (!name || known.has(name) || !members.length || k < 1 || k > members.length || members.some(m => !known.has(m))) return false
  known.set(name, { k, members })
  return true
}

// { logs, witnesses, quorum, known }, or undefined.
export function readPolicy(text) {
  const p = { logs: [], witnesses: [], quorum: undefined, known: new Map() }
  for (const line of String(text).split('\n')) {
    const [kind, ...words] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (!kind) continue
    if (kind === 'log') {
      const key = readKey(words[0])
      if (!key) return undefined
      p.logs.push(key)
    } else if (kind === 'witness') {
      const key = readKey(words[1])
      if (!key || p.known.has(words[0])) return undefined
      p.witnesses.push({ name: words[0], key })
      p.known.set(words[0], {})
    } else if (kind === 'group') {
      if (!readGroup(words, p.known)) return undefined
    } else if (kind === 'quorum' && p.quorum === undefined && (words[0] === 'none' || p.known.has(words[0]))) {
      p.quorum = words[0]
    } else {
      return undefined
    }
  }
  return p.logs.length && p.quorum ? p : undefined
}

function isReached(p, name, seen) {
  const g = p.known.get(name)
  return g.k ? g.members.filter(m => isReached(p, m, seen)).length >= g.k : seen.has(name)
}

// What the lines of a checkpoint are worth under the policy: { times: Map of witness to seconds, log } or { why }.
export async function openCheckpoint(p, c) {
  const times = new Map()
  let log
  const keys = p.logs.filter(k => k.name === c.origin), cosigned = p.witnesses.map(w => cosignedAt(c, w.key))
  for (const [i, good] of (await Promise.all(keys.map(k => isSignedBy(c, k)))).entries()) {
    if (good === false) return { why: 'logsig' }
    if (good) log = keys[i]
  }
  if (!log) return { why: 'logsig' }
  for (const [i, time] of (await Promise.all(cosigned)).entries()) {
    if (time === false) return { why: 'cosig' }
    if (time) times.set(p.witnesses[i].name, time)
  }
  if (p.quorum !== 'none' && !isReached(p, p.quorum, times)) return { why: 'quorum' }
  return { times, log }
}
