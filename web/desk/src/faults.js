// What is wrong at a field.  The server's detail is English: where its words are known they are told in the reader's; else the kind of fault stands before it.
import { lang, t } from './t.js'

const CODES = ['missing-member', 'unknown-member', 'wrong-kind', 'not-in-list', 'not-a-time', 'bad-pattern', 'empty-list', 'repeated-item', 'unknown-thing', 'too-long', 'out-of-range', 'bad-outline', 'repeated-row']
const SAID = [
  [/^this is a text$/, () => t('said_text')], [/^this is a number$/, () => t('said_number')], [/^this is a whole number$/, () => t('said_whole')],
  [/^this is a whole number from (\S+) to (\S+)$/, (a, b) => t('said_wholeTo', { a, b })], [/^this is 0 or more$/, () => t('said_positive')],
  [/^this is true or false$/, () => t('said_truth')], [/^this is a day, as 2026-05-01$/, () => t('said_day')], [/^this is one of: (.+)$/, a => t('said_oneOf', { a })],
  [/^the text has more than (\d+) bytes$/, a => t('said_bytes', { a })], [/^the row has no code$/, () => t('said_needsCode')], [/^the member \S+ is missing$/, () => t('fault_missing-member')],
]
export function faultWords(f) {
  if (lang.value === 'en' || !CODES.includes(f.code)) return f.detail
  for (const [how, told] of SAID) {
    const found = how.exec(f.detail ?? '')
    if (found) return told(...found.slice(1))
  }
  return t('fault_' + f.code) + (f.detail ? `（${f.detail}）` : '')
}
