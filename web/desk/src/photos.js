// Photos of a record: sent in parts that go on where the server says, shown as the small pictures that it makes.
import { ask, hex, Problem } from './api.js'

const PART = 1024 * 1024
export const photoUrl = hash => '/api/blobs/sha256/' + hash              // the original, as it came
export const small = hash => '/photo/' + hash, large = hash => '/photo/' + hash + '?w=1280'    // pictures of it, for its organisation

export async function putPhoto(file, note = () => {}) {
  const bytes = await file.arrayBuffer(), hash = hex(await crypto.subtle.digest('SHA-256', bytes)), path = photoUrl(hash), type = file.type || 'application/octet-stream'
  for (let at = 0, turns = 0; turns < 4000; turns++) {
    const part = bytes.slice(at, at + PART)
    try {
      const answer = await ask('PUT', path, part, type, { 'Upload-Offset': String(at), 'Upload-Length': String(bytes.byteLength) })
      at += part.byteLength
      note(at / bytes.byteLength)
      if (at >= bytes.byteLength || answer.status === 201) break
    } catch (e) {
      if (!(e instanceof Problem) || e.status !== 409 || turns > 20) throw e
      const head = await ask('HEAD', path), there = Number(head.headers.get('upload-offset'))
      if (there >= bytes.byteLength) break
      at = there
    }
  }
  return { id: `ni:///sha-256;${hash}`, mediaType: type, bytes: bytes.byteLength, kind: type.startsWith('image/') ? 'photo' : 'file', takenAt: new Date(file.lastModified).toISOString() }
}
