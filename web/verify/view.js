// What people see of the check.  Everything is text; nothing is ever read as HTML.
import { fingerprint } from './note.js'
import { localTime } from './rows.js'
import { orgName, sentences, words } from './words.js'

// A time that no line ends in.
export const shownTime = ms => localTime(ms).replace(/-/g, '-\u2060').replace(' ', '\u00a0')

export function element(name, className, ...children) {
  const e = document.createElement(name)
  if (className) e.className = className
  e.append(...children)
  return e
}

// How far the clock of the device is believed; members of other namespaces stand with their full names.
function clockGrade(event) {
  const clock = Object.entries(event).find(([name]) => name.endsWith('/clock'))?.[1] ?? {}
  const grade = Object.entries(clock).find(([name]) => name.endsWith('/grade'))?.[1]
  return words('CLOCK_' + String(grade).toUpperCase()) || words('CLOCK_NONE')
}

// Who, when and how sure: one line each.
function facts(r) {
  return [
    ['WHO', orgName(r.head.org.slice(5))],
    ['DONE', shownTime(Date.parse(r.event.eventTime))],
    ['RECORDED', shownTime(r.ms)],
    ['FIRST', r.witnessed ? words('BY', shownTime(r.witnessed * 1000)) : words('NOT_YET')],
    ['CLOCK', clockGrade(r.event)],
    ['DEVICE', words(r.signed ? 'SIGNED' : 'UNSIGNED')],
    ['PLACE', words('NUMBER', r.index, r.head.number)],
  ]
}

function list(r) {
  const dl = element('dl')
  for (const [term, value] of facts(r)) dl.append(element('div', '', element('dt', '', words(term)), element('dd', '', value)))
  return dl
}

function mark(row) {
  if (row.beyond) return element('p', 'c w', words('R_BEYOND'))
  const good = !row.why
  row.li.classList.add(good ? 'ok' : 'ng')
  if (good) return element('details', 'c', element('summary', '', words('R_OK')), list(row.record))
  const said = element('p', '', element('b', '', words('R_BAD')), words('W_' + row.why.toUpperCase()))
  return element('div', 'c no', said, row.record?.head && row.record.event ? element('details', '', element('summary', '', words('R_CLAIMS')), list(row.record)) : '')
}

export function showRows(rows) {
  for (const row of rows) row.li.append(mark(row))
}

export function clearRows(root) {
  for (const e of root.querySelectorAll('ol.t > li > .c')) e.remove()
  for (const li of root.querySelectorAll('ol.t > li')) li.classList.remove('ok', 'ng')
}

// The card: one state at a time, one sentence each.
export function card(root) {
  const section = root.querySelector('#check'), bar = section.querySelector('progress'), button = section.querySelector('button')
  const title = section.querySelector('h2'), line = section.querySelector('[role=status]')
  return {
    section, button,
    say(state, heading, ...said) {
      section.dataset.state = state
      title.textContent = heading
      line.textContent = sentences(said)
      bar.hidden = state !== 'running'
    },
    progress(done, of) {
      bar.max = of
      bar.value = done
    },
    offer(label) {
      button.hidden = !label
      button.textContent = label ?? ''
    },
  }
}

// A verdict made of what does not hold is not to stand alone on the first screen.
export function showDoubt(root, failed) {
  root.querySelector('.doubt')?.remove()
  if (failed) root.querySelector('main > section')?.append(element('p', 'tag ko doubt', words('DOUBT')))
}

// Whose log it is, to be compared with what one was told elsewhere.
export function showKey(root, key) {
  const place = root.querySelector('#check-key'), code = text => element('dd', '', element('code', '', text))
  place.textContent = ''
  place.append(element('dt', '', words('KEY')), code(key.text), element('dt', '', words('FINGER')), code(fingerprint(key).match(/.{4}/g).join(' ')))
  place.hidden = false
}
