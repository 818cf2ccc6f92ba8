// What the browser's tests print: TAP, with what was found instead of what was wanted.
let n = 0, failed = 0
export function ok(good, name, why = '') {
  n++
  if (!good) failed++
  for (const line of good ? [] : String(typeof why === 'object' ? JSON.stringify(why) : why).slice(0, 3000).split('\n')) console.log('# ' + line)
  console.log(`${good ? 'ok' : 'not ok'} ${n} - ${name}`)
}
export const same = (is, wanted, name) => ok(JSON.stringify(is) === JSON.stringify(wanted), name, `is ${JSON.stringify(is)}\nwanted ${JSON.stringify(wanted)}`)
export function end() {
  console.log(`1..${n}`)
  process.exit(failed ? 1 : 0)
}
