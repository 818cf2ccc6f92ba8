// The phone's own key (docs/ref/signing.md): made here, registered once, and not to be taken out of the phone; what it signs nobody else can write in its name.
// A browser without Ed25519 sends unsigned.
import { get, set } from './db.js'
import { ask } from './send.js'
import { base64 } from './bytes.js'
import { canonical } from './canonical.js'

const bytes = text => new TextEncoder().encode(text)
const slot = org => 'signing key ' + org
const signature = async (key, what) => base64(await crypto.subtle.sign('Ed25519', key, what))

export async function register(user) {
  if (await get(slot(user.org))) return
  const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']).catch(() => null)
  if (!pair) return
  const raw = await crypto.subtle.exportKey('raw', pair.publicKey), key = base64(raw), name = 'phone ' + [...new Uint8Array(raw, 0, 4)].map(b => b.toString(16).padStart(2, '0')).join('')
  const proof = await signature(pair.privateKey, bytes(`suyuan device key v1\n/org/${user.org}\n${name}\n${key}\n`))
  await ask('POST', '/api/device-keys', { body: JSON.stringify({ org: user.org, name, key, proof }), type: 'application/json' })
  await set(slot(user.org), { key, private: pair.privateKey })
}
export const forget = org => set(slot(org), undefined)

// Over the form without clock and signature; undefined where there is no key.
export async function signed(org, form) {
  const kept = await get(slot(org))
  if (!kept) return undefined
  const { clock, signature: _, ...said } = form, digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes(canonical(said)))), head = bytes('suyuan act signature v1\n'), what = new Uint8Array(head.length + digest.length)
  what.set(head)
  what.set(digest, head.length)
  return { key: kept.key, value: await signature(kept.private, what) }
}
