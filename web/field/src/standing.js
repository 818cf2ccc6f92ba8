import { state } from './state.js'
import { hour, t } from './t.js'

// Where a record stands, in words.
export function stateWords(r) {
  if (state.now?.id === r.id && r.state === 'waiting') return t('st_now')
  if (r.state === 'waiting' && r.tries) return t('st_retry', { time: hour(r.due) })
  if (r.state === 'files') {
    const f = r.files.find(x => !x.there), part = f && state.part[f.sha256]
    return t('st_files', { i: r.files.filter(x => x.there).length, n: r.files.length }) + (part ? ` ${Math.floor(part * 100)}%` : '')
  }
  return t('st_' + r.state, { time: r.sentAt ? hour(r.sentAt) : '' })
}
