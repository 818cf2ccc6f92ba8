// Who uses the phone.  The server's session ends by itself; who was here last stays known, so that days without a signal are no obstacle.
import { get, set } from './db.js'
import { ask, request, Refused } from './send.js'
import { ownerOf } from './outbox.js'
import { exclusively } from './lock.js'

export const lastUser = () => get('user')

const remember = async self => {
  const user = { owner: ownerOf(self), org: self.org || 'default', actor: self.actor, role: self.role, may: self.may ?? [] }
  await set('user', user)
  return user
}
// The cookie is one for all tabs, so nobody is let in while a queue is being sent.
export const enter = (name, password) => exclusively('queue', async () => {
  await ask('POST', '/api/session', { body: JSON.stringify({ name, password }), type: 'application/json' })
  return remember(await (await ask('GET', '/api/session')).json())
})
// Whom the server lets in without a password (at the machine, or a session that still stands); null: nobody.
export async function admitted() {
  try { return await remember(await (await ask('GET', '/api/session')).json()) } catch (e) { if (e instanceof Refused) return null; throw e }
}
export const leave = () => exclusively('queue', async () => {
  await request('DELETE', '/api/session').catch(() => {})      // without a signal it ends here alone, and there by itself
  await set('user', undefined)
})
