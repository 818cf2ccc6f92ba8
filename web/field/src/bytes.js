export async function sha256(bytes) {
  const h = await crypto.subtle.digest('SHA-256', bytes)
  return [...new Uint8Array(h)].map(b => b.toString(16).padStart(2, '0')).join('')
}
export function base64(bytes) {
  const b = new Uint8Array(bytes)
  let s = ''
  for (let i = 0; i < b.length; i += 0x3000) s += btoa(String.fromCharCode(...b.subarray(i, i + 0x3000)))
  return s
}
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID()
  const b = crypto.getRandomValues(new Uint8Array(16))
  b[6] = b[6] & 15 | 64
  b[8] = b[8] & 63 | 128
  return [...b].map((x, i) => ([4, 6, 8, 10].includes(i) ? '-' : '') + x.toString(16).padStart(2, '0')).join('')
}
