// Who uses the phone.  The server's session ends by itself; who was here last stays known, so that days without a signal are no obstacle.
import * as clock from './clock.js'
import { get, set } from './db.js'
import { ask, Refused } from './send.js'
import { ownerOf } from './outbox.js'
import { exclusively } from './lock.js'

export const lastUser = () => get('user')

const remember = async self => {
  const user = { owner: ownerOf(self), org: self.org || 'default', actor: self.actor, role: self.role, may: self.may ?? [] }
  await set('user', user)
  return user
}
// The cookie is one for all tabs, so nobody is let in while a queue is being sent.
export async function enter(name, password) {
  await set('entering', clock.now())
  try { return await exclusively('queue', () => signIn(name, password)) } finally { await set('entering', 0) }
}
async function signIn(name, password) {
  await ask('POST', '/api/session', { body: JSON.stringify({ name, password }), type: 'application/json' })
  await set('left', undefined)
  return remember(await (await ask('GET', '/api/session')).json())
}
// Whom the server lets in without a password (at the machine, or a session that still stands); null: nobody.  Who signed out without a signal has a session
// there still: it ends first.
export async function admitted() {
  if (await get('left')) {
    await ask('DELETE', '/api/session').catch(e => { if (!(e instanceof Refused)) throw e })
    await set('left', undefined)
  }
  try { return await remember(await (await ask('GET', '/api/session')).json()) } catch (e) { if (e instanceof Refused) return null; throw e }
}
export async function leave() {
  await set('entering', clock.now())
  await exclusively('queue', async () => {
    await set('left', true)
    await set('user', undefined)
    await ask('DELETE', '/api/session').then(() => set('left', undefined)).catch(() => {})
  })
  await set('entering', 0)
}
