// The rows of the page beside the records of the proof: does each row say what its record says?
import { hex, sha256, utf8 } from './bytes.js'
import { EVENT } from './record.js'

const HERE = 8 * 3600e3                 // the page tells times of Asia/Shanghai
const lastPart = name => String(name ?? '').split(/[/:#-]/).pop()
const idMark = id => (id === undefined ? '-' : hex(sha256(utf8(id)).subarray(0, 6)))

export const localTime = ms => new Date(ms + HERE).toISOString().slice(0, 16).replace('T', ' ')

// The rows that tell an entry, with what they are seen to say.
export function readRows(root) {
  let year = ''
  const rows = []
  for (const li of root.querySelectorAll('ol.t > li')) {
    const time = li.querySelector('time')
    if (li.classList.contains('y') && /^\d{4}$/.test(li.textContent)) year = li.textContent
    if (!time) continue
    const [org, number, step, id] = (li.dataset.r ?? '').split(' ')
    rows.push({ li, time: time.dateTime, seen: `${year}-${time.textContent}`, key: `${org} ${number}`, step, id })
  }
  return rows
}

function saysTheSame(row, r) {
  const when = localTime(Date.parse(r.event.eventTime))
  return row.time === when.replace(' ', 'T') + '+08:00' && row.seen === when && row.id === idMark(r.event.eventID) && row.step === (lastPart(r.event.bizStep) || '-')
}

// Each row's record, and why the row may not be believed: its record's failure, or its own.  `cut`: the file itself says that it leaves records out, so a
// row without one is not proven here, and not false either.
export function matchRows(rows, records, cut) {
  const at = new Map(records.filter(r => r.type === EVENT && r.head).map(r => [`${r.head.org.slice(5)} ${r.head.number}`, r]))
  return rows.map(row => {
    const record = at.get(row.key)
    const why = !record ? cut ? undefined : 'missing' : record.why ?? (saysTheSame(row, record) ? undefined : 'row')
    return { ...row, record, why, beyond: !record && !why }
  })
}
