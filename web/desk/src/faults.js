// What is wrong at a field: the server's detail is English; readers of Chinese get the kind of fault in their words before it.
import { lang, t } from './t.js'

const CODES = ['missing-member', 'unknown-member', 'wrong-kind', 'not-in-list', 'not-a-time', 'bad-pattern', 'empty-list', 'repeated-item', 'unknown-thing', 'too-long', 'out-of-range', 'bad-outline', 'repeated-row']
export const faultWords = f => (lang.value === 'en' || !CODES.includes(f.code) ? f.detail : t('fault_' + f.code) + (f.detail ? `（${f.detail}）` : ''))
