// Is this an Ed25519 signature?  The browser's own code where it has it: it is some fifty times quicker.  It is there on https alone, and not
// on older phones; so ours comes along.
import { hashes, verify } from '@noble/ed25519'
import { breath } from './breath.js'
import { hex } from './bytes.js'
import { sha512 } from './sha512.js'

hashes.sha512 = sha512

const imported = new Map()

function nativeKey(subtle, key) {
  const name = hex(key)
  if (!imported.has(name)) imported.set(name, subtle.importKey('raw', key, 'Ed25519', false, ['verify']).catch(() => undefined))
  return imported.get(name)
}

// undefined: not known here, or a key that is no point; that is left to ours.
async function nativeVerify(key, signature, message) {
  const subtle = globalThis.crypto?.subtle, k = subtle && await nativeKey(subtle, key)
  return k && subtle.verify('Ed25519', k, signature, message).catch(() => undefined)
}

export async function isSigned(key, signature, message) {
  if (key.length !== 32 || signature.length !== 64) return false
  const known = await nativeVerify(key, signature, message)
  if (known !== undefined) return known
  await breath()
  try {
    return verify(signature, message, key, { zip215: false })
  } catch {
    return false
  }
}
