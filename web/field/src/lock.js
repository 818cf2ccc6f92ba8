// One at a time over all tabs: navigator.locks, and where there are none a lease in the database.
import { db } from './db.js'

const held = new Set(), me = Math.random().toString(36).slice(2), lease = 15000

// Runs `work`, or gives `busy` back at once where somebody else is at it; with `busy` undefined it waits its turn.
export async function exclusively(name, work, busy) {
  const now = busy !== undefined
  if (navigator.locks) return navigator.locks.request('field-' + name, now ? { ifAvailable: true } : {}, lock => (lock ? work() : busy))
  while (!await take(name)) {
    if (now) return busy
    await new Promise(done => setTimeout(done, 300))
  }
  const renewing = setInterval(() => put(name, Date.now() + lease), lease / 3)
  try { return await work() } finally { clearInterval(renewing); held.delete(name); await put(name, 0) }
}
async function take(name) {
  if (held.has(name)) return false
  held.add(name)
  const t = (await db()).transaction('kept', 'readwrite'), kept = await t.store.get('lock ' + name), free = !kept || kept.until < Date.now() || kept.until > Date.now() + 2 * lease
  if (free) await t.store.put({ who: me, until: Date.now() + lease }, 'lock ' + name)
  await t.done
  if (!free) held.delete(name)
  return free
}
const put = async (name, until) => (await db()).put('kept', { who: me, until }, 'lock ' + name)
