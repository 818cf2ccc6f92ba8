// SHA-256 and SHA-512 (FIPS 180-4): the browser's own are there on https alone, and answer later.  Their constants are made, not listed (a table of them
// would be a sixth of the whole script), and without anything that is newer than the phones this is for.
const PRIMES = []
for (let n = 2; PRIMES.length < 80; n++) if (PRIMES.every(p => n % p)) PRIMES.push(n)

// The first 32 bits after the point, which a double has: SHA-256's constants, and the high halves of SHA-512's.
const high = (primes, root) => Int32Array.from(primes, p => root(p) % 1 * 2 ** 32)
const START = high(PRIMES.slice(0, 8), Math.sqrt), ROUND = high(PRIMES, Math.cbrt)
let START_LOW, ROUND_LOW                // made when SHA-512 is first asked for

// Bits 33 to 64 after the point of the k-th root of p: a double's root, one step of Newton's, and the last digit by trying.
function lowBits(p, k) {
  const goal = BigInt(p) << 64n * k
  let x = BigInt(Math.round(p ** (1 / Number(k)) * 2 ** 40)) << 24n
  x = (x * (k - 1n) + goal / x ** (k - 1n)) / k
  while (x ** k > goal) x--
  while ((x + 1n) ** k <= goal) x++
  return Number(x & 0xffffffffn)
}

function lowHalves() {
  START_LOW = Int32Array.from(PRIMES.slice(0, 8), p => lowBits(p, 2n))
  ROUND_LOW = Int32Array.from(PRIMES, p => lowBits(p, 3n))
}

// The message with its end mark and length, in whole blocks of `size` bytes.
function padded(message, size) {
  const bytes = new Uint8Array(Math.ceil((message.length + 1 + size / 8) / size) * size), view = new DataView(bytes.buffer)
  bytes.set(message)
  bytes[message.length] = 128
  view.setUint32(bytes.length - 4, message.length * 8)
  return view
}

function bytesOf(...halves) {
  const view = new DataView(new ArrayBuffer(32 * halves.length))
  for (const [k, list] of halves.entries()) list.forEach((x, i) => view.setInt32(4 * (i * halves.length + k), x))
  return new Uint8Array(view.buffer)
}

// ---- SHA-256 ----

const right = (x, n) => x >>> n | x << 32 - n

function block256(state, w) {
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15], y = w[i - 2]
    w[i] = (right(x, 7) ^ right(x, 18) ^ x >>> 3) + (right(y, 17) ^ right(y, 19) ^ y >>> 10) + w[i - 7] + w[i - 16]
  }
  let [a, b, c, d, e, f, g, h] = state
  for (let i = 0; i < 64; i++) {
    const t = h + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) + (e & f ^ ~e & g) + ROUND[i] + w[i] | 0
    const u = (right(a, 2) ^ right(a, 13) ^ right(a, 22)) + (a & b ^ a & c ^ b & c)
    h = g
    g = f
    f = e
    e = d + t | 0
    d = c
    c = b
    b = a
    a = t + u | 0
  }
  for (const [i, x] of [a, b, c, d, e, f, g, h].entries()) state[i] += x
}

const words = new Int32Array(64)

export function sha256(message) {
  const view = padded(message, 64), state = START.slice()
  for (let at = 0; at < view.byteLength; at += 64) {
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(at + 4 * i)
    block256(state, words)
  }
  return bytesOf(state)
}

// ---- SHA-512, in halves of 32 bits ----

// The high half of h:l turned right by n; the low half is turn(l, h, n).
const turn = (h, l, n) => (n < 32 ? h >>> n | l << 32 - n : l >>> n - 32 | h << 64 - n)
const turns = (h, l, a, b, c) => turn(h, l, a) ^ turn(h, l, b) ^ turn(h, l, c)
const low = x => x >>> 0
const carry = x => x / 2 ** 32 | 0

function schedule(view, at, wh, wl) {
  for (let i = 0; i < 16; i++) {
    wh[i] = view.getInt32(at + 8 * i)
    wl[i] = view.getInt32(at + 8 * i + 4)
  }
  for (let i = 16; i < 80; i++) {
    const h = wh[i - 15], l = wl[i - 15], g = wh[i - 2], m = wl[i - 2]
    const sum = low(turn(l, h, 1) ^ turn(l, h, 8) ^ (l >>> 7 | h << 25)) + low(turn(m, g, 19) ^ turn(m, g, 61) ^ (m >>> 6 | g << 26)) + low(wl[i - 7]) + low(wl[i - 16])
    wh[i] = (turn(h, l, 1) ^ turn(h, l, 8) ^ h >>> 7) + (turn(g, m, 19) ^ turn(g, m, 61) ^ g >>> 6) + wh[i - 7] + wh[i - 16] + carry(sum)
    wl[i] = sum
  }
}

function block512(H, L, wh, wl) {
  const h = H.slice(), l = L.slice()
  for (let i = 0; i < 80; i++) {
    const t = low(l[7]) + low(turns(l[4], h[4], 14, 18, 41)) + low(l[4] & l[5] ^ ~l[4] & l[6]) + low(ROUND_LOW[i]) + low(wl[i])
    const u = h[7] + turns(h[4], l[4], 14, 18, 41) + (h[4] & h[5] ^ ~h[4] & h[6]) + ROUND[i] + wh[i] + carry(t) | 0
    const v = low(t) + low(turns(l[0], h[0], 28, 34, 39)) + low(l[0] & l[1] ^ l[0] & l[2] ^ l[1] & l[2])
    const x = u + turns(h[0], l[0], 28, 34, 39) + (h[0] & h[1] ^ h[0] & h[2] ^ h[1] & h[2]) + carry(v)
    const d = low(l[3]) + low(t), e = h[3] + u + carry(d)
    h.copyWithin(1, 0, 7)
    l.copyWithin(1, 0, 7)
    h[0] = x
    l[0] = v
    h[4] = e
    l[4] = d
  }
  for (let i = 0; i < 8; i++) {
    const sum = low(L[i]) + low(l[i])
    H[i] += h[i] + carry(sum)
    L[i] = sum
  }
}

export function sha512(message) {
  if (!START_LOW) lowHalves()
  const view = padded(message, 128), H = START.slice(), L = START_LOW.slice(), wh = new Int32Array(80), wl = new Int32Array(80)
  for (let at = 0; at < view.byteLength; at += 128) {
    schedule(view, at, wh, wl)
    block512(H, L, wh, wl)
  }
  return bytesOf(H, L)
}
