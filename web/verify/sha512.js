// SHA-512 (FIPS 180-4), for Ed25519 where the browser has none.  Of a few hundred bytes a time, so it may be slow; its constants are made, not listed: a
// table of them would be a sixth of the whole script.
const MASK = (1n << 64n) - 1n
const turn = (x, n) => (x >> n | x << (64n - n)) & MASK

// The first 64 bits after the point of the k-th root of p.
function fraction(p, k) {
  const goal = BigInt(p) << (64n * k)
  let low = 0n, high = 1n << 68n
  while (low < high) {
    const middle = (low + high + 1n) >> 1n
    if (middle ** k <= goal) low = middle
    else high = middle - 1n
  }
  return low & MASK
}

const primes = []
for (let n = 2; primes.length < 80; n++) if (primes.every(p => n % p)) primes.push(n)
const START = primes.slice(0, 8).map(p => fraction(p, 2n))
const K = primes.map(p => fraction(p, 3n))

function block(state, view, at) {
  const w = []
  for (let i = 0; i < 80; i++) {
    if (i < 16) {
      w.push(view.getBigUint64(at + 8 * i))
      continue
    }
    const x = w[i - 15], y = w[i - 2]
    w.push(w[i - 16] + (turn(x, 1n) ^ turn(x, 8n) ^ x >> 7n) + w[i - 7] + (turn(y, 19n) ^ turn(y, 61n) ^ y >> 6n) & MASK)
  }
  let [a, b, c, d, e, f, g, h] = state
  for (let i = 0; i < 80; i++) {
    const t = h + (turn(e, 14n) ^ turn(e, 18n) ^ turn(e, 41n)) + (e & f ^ ~e & g) + K[i] + w[i]
    const u = (turn(a, 28n) ^ turn(a, 34n) ^ turn(a, 39n)) + (a & b ^ a & c ^ b & c)
    ;[a, b, c, d, e, f, g, h] = [t + u & MASK, a, b, c, d + t & MASK, e, f, g]
  }
  return [a, b, c, d, e, f, g, h].map((x, i) => x + state[i] & MASK)
}

export function sha512(message) {
  const padded = new Uint8Array((message.length + 144 >> 7) << 7), view = new DataView(padded.buffer)
  padded.set(message)
  padded[message.length] = 128
  view.setUint32(padded.length - 4, message.length * 8)
  let state = START
  for (let at = 0; at < padded.length; at += 128) state = block(state, view, at)
  state.forEach((x, i) => view.setBigUint64(8 * i, x))
  return padded.slice(0, 64)
}
