// "Check it yourself" on an item's page.  The files come when the page is at rest (with a saving connection: at the tap); then nothing more is asked
// of the network.
import { breath } from './breath.js'
import { checkBundle, readBundle } from './bundle.js'
import { readPolicy } from './policy.js'
import { matchRows, readRows } from './rows.js'
import { card, clearRows, showDoubt, showKey, showRows, shownTime } from './view.js'
import { readWords, words } from './words.js'

const MOST_BYTES = 32e6, AGAIN_MS = 2500, SHOW_MS = 60
let files, view, askedAgain = false

const wait = () => new Promise(done => setTimeout(done, AGAIN_MS))

// A record of this very second may not be in the log yet: the server says 503, and once more is enough.
async function get(url, again = true) {
  const answer = await fetch(url)
  if (answer.status === 404) return undefined
  if (answer.status === 503 && again) return wait().then(() => get(url, false))
  if (!answer.ok) throw new Error(String(answer.status))
  const text = await answer.text()
  if (text.length > MOST_BYTES) throw new Error('too long')
  return text
}

async function load() {
  view.say('loading', words('TITLE'), words('FETCH'))
  const { proof, policy } = view.section.dataset
  const [a, b] = await Promise.all([get(proof), get(policy)])
  files = a && b ? { proof: a, policy: b } : undefined
}

function teller() {
  let shown = performance.now()
  return async (done, of) => {
    if (performance.now() - shown > SHOW_MS) {
      shown = performance.now()
      view.progress(done, of)
    }
    await breath()
  }
}

function sayGood(result, rows) {
  const { times } = result.newest, beyond = rows.filter(r => r.beyond).length, proven = rows.length - beyond, more = result.records.length - proven
  const by = times.size ? words('WITNESSED', shownTime(Math.min(...times.values()) * 1000), times.size) : words('ALONE')
  // the seal of a carton or pallet also counts what is in there besides: only this item's own is told
  const withheld = result.records.reduce((n, r) => n + (r.head?.subject === result.item && r.missing || 0), 0)
  view.say(beyond ? 'part' : 'ok', words('OK', proven), proven ? words('UNCHANGED') : '', by, beyond ? words('BEYOND', beyond) : '', more > 0 ? words('MORE', more) : '',
    withheld ? words('WITHHELD', withheld) : '')
}

function sayBad(result, rows) {
  const bad = rows.filter(r => r.why).length + result.records.filter(r => r.why && !rows.some(row => row.record === r)).length
  if (result.newest.why) view.say('bad', words('BAD_ALL'), words('BAD_ALL_2'), words('W_' + result.newest.why.toUpperCase()))
  else view.say('bad', words('BAD', bad), words('BAD_2'))
}

// A row may be newer than the file, the checkpoint not seen by enough witnesses yet: once more, a little later.
function mayBeEarly(result, rows) {
  return !askedAgain && (result.newest.why === 'quorum' || rows.some(r => r.why === 'missing'))
}

// Whatever cannot be read is not proven.
async function checkFiles() {
  const policy = readPolicy(files.policy), bundle = readBundle(files.proof)
  if (!policy || !bundle) return { records: [], newest: { why: 'form' }, ok: false }
  view.say('running', words('TITLE'), words('RUN', bundle.records.length))
  return checkBundle(bundle, policy, teller())
}

async function check() {
  const result = await checkFiles(), rows = matchRows(readRows(document), result.records, result.cut)
  if (mayBeEarly(result, rows)) {
    askedAgain = true
    await wait()
    await load()
    return check()
  }
  clearRows(document)
  showRows(rows)
  if (result.newest.log) showKey(document, result.newest.log)
  const good = result.ok && rows.every(r => !r.why)
  showDoubt(document, !good)
  return good ? sayGood(result, rows) : sayBad(result, rows)
}

async function run() {
  view.offer()
  try {
    if (!files) await load()
  } catch {
    view.say('offline', words('TITLE'), words('OFFLINE'))
    view.offer(words('START'))
    return
  }
  if (files) await check()
  else view.say('none', words('TITLE'), words('NONE'))
  view.offer(words(files ? 'AGAIN' : 'START'))
}

async function begin() {
  view = card(document)
  await readWords(view.section.dataset.words)
  view.button.addEventListener('click', run)
  if (navigator.connection?.saveData) {
    view.offer(words('START'))
    view.section.dataset.state = 'waiting'
  } else if (globalThis.requestIdleCallback) {
    requestIdleCallback(run, { timeout: 3000 })
  } else {
    setTimeout(run, 300)
  }
}

if (document.readyState === 'complete') begin()
else addEventListener('load', begin)
