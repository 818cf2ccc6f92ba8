// Is this an Ed25519 signature?  The browser's own code where it has it: it is some fifty times quicker.  It is there on https alone, and not
// on older phones; so ours comes along.
import { hashes, verify } from '@noble/ed25519'
import { sha512 } from './sha512.js'

hashes.sha512 = sha512

let native

async function nativeVerify(key, signature, message) {
  const subtle = globalThis.crypto?.subtle
  if (native === false || !subtle) return undefined
  try {
    const k = await subtle.importKey('raw', key, 'Ed25519', false, ['verify'])
    native = true
    return await subtle.verify('Ed25519', k, signature, message)
  } catch {
    if (!native) native = false         // not known here; a key that is no point is left to ours
    return undefined
  }
}

export async function isSigned(key, signature, message) {
  if (key.length !== 32 || signature.length !== 64) return false
  const known = await nativeVerify(key, signature, message)
  if (known !== undefined) return known
  try {
    return verify(signature, message, key, { zip215: false })
  } catch {
    return false
  }
}
