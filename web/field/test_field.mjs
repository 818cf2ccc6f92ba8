// The phone app's parts without a browser: words complete in three languages, the rule of intervals, codes on signs and bottles, the clock.
import assert from 'node:assert/strict'
import path from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'

import { canonical } from './src/canonical.js'
import { checkWords } from '../common/check_words.mjs'
import { dateOf, dayOf, intervalOf, mayHarvest, maySpray } from './src/interval.js'
import { cleaned, defaults, missing } from './src/form.js'
import { inside } from './src/place.js'
import { inputOf, seasonOf } from './src/scan.js'
import { words } from './src/words.js'

const src = path.join(path.dirname(fileURLToPath(import.meta.url)), 'src')
checkWords({ src, words, passOver: text => text.replace(/^const UNITS = [\s\S]*?\n  BG.*\n/m, '').replace(/'\$1年\$2月\$3日'/, '').replace(/'[、，；：]'|：\{\{/g, '') })

const label = (crop, intervalDays, more = {}) => ({ crop, intervalDays, ...more })
test('interval n from a use on day d: harvest from day d + n on', () => {
  const inputs = [{ code: 'A', intervalDays: 7 }], uses = [{ product: 'A', at: '2026-06-24T09:00:00.000+08:00' }]
  assert.deepEqual(mayHarvest({ crop: '水稻', uses, inputs, on: '2026-06-30' }), { allowed: false, from: '2026-07-01', why: [{ product: 'A', date: '2026-06-24', days: 7, from: '2026-07-01' }] })
  assert.equal(mayHarvest({ crop: '水稻', uses, inputs, on: '2026-07-01' }).allowed, true)
  assert.equal(mayHarvest({ crop: '水稻', uses: [], inputs, on: '2026-07-01' }).allowed, true)
})
test('the last of several intervals counts, also when it is of an earlier use', () => {
  const inputs = [{ code: 'A', intervalDays: 30 }, { code: 'B', intervalDays: 3 }]
  assert.equal(mayHarvest({ crop: 'x', uses: [{ product: 'A', at: '2026-06-01' }, { product: 'B', at: '2026-06-20' }], inputs, on: '2026-06-25' }).from, '2026-07-01')
})
test('the label wins over the input, the target over the crop, the event over a shorter one', () => {
  const i = { code: 'A', intervalDays: 7, labels: [label('莲藕', 14), label('莲藕', 21, { target: '斜纹夜蛾' })] }
  assert.equal(intervalOf(i, '莲藕'), 14)
  assert.equal(intervalOf(i, '莲藕', '斜纹夜蛾'), 21)
  assert.equal(intervalOf(i, '水稻'), 7)
  assert.equal(intervalOf({ code: 'A', labels: [label('x', 21, { target: 'p' }), label('x', 5, { target: 'q' })] }, 'x'), 21)
  assert.equal(mayHarvest({ crop: '水稻', uses: [{ product: 'A', at: '2026-06-24', intervalDays: 10 }], inputs: [i], on: '2026-07-03' }).from, '2026-07-04')
})
test('what is not known is not a yes', () => {
  assert.equal(mayHarvest({ crop: 'x', uses: [{ product: '?', at: '2026-01-01' }], inputs: [], on: '2026-12-31' }).allowed, 'unknown')
  assert.equal(mayHarvest({ crop: 'x', uses: [{ product: '?', at: '2026-06-01' }, { product: 'A', at: '2026-06-10' }], inputs: [{ code: 'A', intervalDays: 7 }], on: '2026-06-12' }).allowed, false)
  assert.equal(maySpray({ crop: 'x', uses: [], inputs: [], product: 'A', on: '2026-06-01' }).allowed, 'unknown')
})
test('a use beyond the label is a no', () => {
  const inputs = [{ code: 'A', labels: [label('x', 7, { maxUses: 2 })] }], uses = [{ product: 'A', at: '2026-06-01' }, { product: 'A', at: '2026-06-02' }]
  assert.equal(maySpray({ crop: 'x', uses, inputs, product: 'A', on: '2026-06-20' }).allowed, false)
  assert.equal(maySpray({ crop: 'y', uses: [], inputs, product: 'A', on: '2026-06-20' }).allowed, false)
  const open = maySpray({ crop: 'x', uses: uses.slice(1), inputs, product: 'A', on: '2026-06-20' })
  assert.equal(open.allowed, 'unknown')
  assert.equal(open.harvestFrom, '2026-06-27')
})
test('days over the end of months and years', () => {
  assert.equal(dateOf(dayOf('2024-02-28') + 2), '2024-03-01')
  assert.equal(dateOf(dayOf('2026-12-31T23:30:00+08:00') + 1), '2027-01-01')
})

test('a form: what is missing, what is sent, what is taken from the last time', () => {
  const kind = { act: 'spray', subject: 'season', fields: [{ name: 'season', required: true }, { name: 'product', type: 'input', required: true }, { name: 'quantity', type: 'quantity', required: true }, { name: 'uom', type: 'uom', required: true, units: [{ value: 'mL' }, { value: 'g' }] },
    { name: 'inputs', type: 'lots' }, { name: 'serials', type: 'codes' }, { name: 'note', type: 'longText' }] }
  assert.deepEqual(missing(kind, {}, {}), ['season', 'product', 'quantity'])
  assert.deepEqual(missing(kind, { product: 'A', quantity: '50' }, { season: 'o/s' }), [])
  assert.deepEqual(cleaned(kind, { product: 'A', quantity: '50', note: '  ' }), { product: 'A', quantity: 50, uom: 'mL' })
  assert.deepEqual(defaults(kind, { product: 'A', quantity: 50, uom: 'g', note: 'n', inputs: [{ lot: 'L' }] }), { product: 'A', quantity: 50, uom: 'g' })
  assert.deepEqual(cleaned(kind, { inputs: [{ lot: 'L1', quantity: '2.5' }, {}], serials: 'A1, A2' }), { inputs: [{ lot: 'L1', quantity: 2.5, uom: 'mL' }], serials: ['A1', 'A2'] })
})

test('canonical JSON: members in order, numbers plain', () => {
  assert.equal(canonical({ b: [1, 2.5, 'é"'], a: { z: null, y: true, x: undefined }, c: 5e-7 }), '{"a":{"y":true,"z":null},"b":[1,2.5,"é\\""],"c":0.0000005}')
})

test('a point in an outline, and in a hole of it', () => {
  const ring = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]], hole = [[1, 1], [2, 1], [2, 2], [1, 2], [1, 1]]
  assert.ok(inside({ type: 'Polygon', coordinates: [ring, hole] }, { lat: 3, lon: 3 }))
  assert.ok(!inside({ type: 'Polygon', coordinates: [ring, hole] }, { lat: 1.5, lon: 1.5 }))
  assert.ok(inside({ type: 'MultiPolygon', coordinates: [[hole], [ring]] }, { lat: 1.5, lon: 1.5 }))
  assert.ok(!inside({ type: 'Polygon', coordinates: [ring] }, { lat: 5, lon: 3 }))
  assert.ok(!inside(undefined, { lat: 1, lon: 1 }))
})

test('codes on signs and bottles', () => {
  const seasons = [{ code: 'S1', plot: 'P1' }], inputs = [{ code: 'A', registrationNumber: 'PD20131234', gtin: '6901234567892' }]
  assert.equal(seasonOf('https://t.example.cn/place/farm/P1', seasons).code, 'S1')
  assert.equal(seasonOf('https://t.example.cn/season/farm/S1?x=1', seasons).code, 'S1')
  assert.equal(seasonOf('https://elsewhere.example/x', seasons) ?? null, null)
  assert.equal(inputOf('6901234567892', inputs).code, 'A')
  assert.equal(inputOf('https://id.example/01/06901234567892/10/L', inputs).code, 'A')
  assert.equal(inputOf('https://www.example.cn/q/' + '1' + '131234' + '1'.padEnd(25, '0'), inputs).code, 'A')
  assert.equal(inputOf('6900000000000', inputs), undefined)
})
