// The desk's parts without a browser: words, outlines, forms, records out of events, weeks, spreadsheets.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'

import { checkWords } from '../common/check_words.mjs'
import { between, monday, plus, weekNumber, weeks } from './src/dates.js'
import { byHours, colourOf, columns, counted, goodId, grouped, MODELS, PROTOCOLS, SIGNS, seriesUrl, signOf, spanOf, worst } from './src/devices.js'
import { cleaned, defaults, fieldsOf, missing, timed, unitBeside } from './src/form.js'
import { areaMu, crossesItself, polygon, ringOfText, ringsOf, textOfRing } from './src/geo.js'
import { actOf, evidenceOf, fieldsOfRecord, nameOfUri, recordOf, together } from './src/record.js'
import { stageOf } from './src/seasons.js'
import { column, crc32, csv, xlsx } from './src/table.js'
import { words } from './src/words.js'

const src = path.join(path.dirname(fileURLToPath(import.meta.url)), 'src')
checkWords({ src, words, beside: ['crops.js'],
  passOver: (text, f) => (f.endsWith('Seasons.vue') ? text.replace(/^const MARK = .*$/m, '') : f === 'LotRows.vue' ? text.replace(/^const UNITS = .*$/m, '') : text).replace(/[（）：、；，。]/g, '').replace(/\[、,，;；\]/g, ''),
  families: [['fault_', ['missing-member', 'unknown-member', 'wrong-kind', 'not-in-list', 'not-a-time', 'bad-pattern', 'empty-list', 'repeated-item', 'unknown-thing', 'too-long', 'out-of-range', 'bad-outline', 'repeated-row']], ['nav_', ['today', 'seasons', 'plots', 'store', 'devices', 'alarms', 'records', 'people', 'data']], ['stage_', ['ready', 'growing', 'picking', 'cleared']], ['sev_', ['blocks', 'warns', 'informs', 'grave']], ['is_', ['online', 'silent', 'never', 'revoked']], ['span_', ['day', 'week', 'month', 'season']],
    ['place_', ['plot', 'store', 'workshop', 'inspection-room', 'vehicle', 'shop', 'other']], ['role_', ['admin', 'regulator', 'manager', 'worker', 'laboratory', 'buyer', 'carrier', 'auditor', 'device']],
    ['clock_', ['synced', 'plausible', 'unproven', 'impossible']], ['subject_', ['season', 'store', 'lots']], ['rule_', ['interval', 'banned-input', 'over-use', 'dose', 'order-of-time', 'balance', 'place', 'evidence-gap', 'clock']]] })

// ---- outlines ----
const square = m => { const d = m / 111194.93, k = Math.cos(25.8 * Math.PI / 180); return [[113, 25.8], [113 + d / k, 25.8], [113 + d / k, 25.8 + d], [113, 25.8 + d]] }
test('a square of 81.65 m is ten mu', () => assert.ok(Math.abs(areaMu(square(81.6497)) - 10) < 0.02, String(areaMu(square(81.6497)))))
test('two points have no area; the order of the corners does not matter', () => {
  assert.equal(areaMu(square(50).slice(0, 2)), 0)
  assert.ok(Math.abs(areaMu([...square(50)].reverse()) - areaMu(square(50))) < 1e-9)
})
test('an outline that crosses itself is told from one that does not', () => {
  const [a, b, c, d] = square(50)
  assert.equal(crossesItself([a, b, c, d]), false)
  assert.equal(crossesItself([a, c, b, d]), true)
  assert.equal(crossesItself([a, b, c]), false)
})
test('a polygon is closed and counter-clockwise whichever way it was drawn', () => {
  for (const r of [square(50), [...square(50)].reverse()]) {
    const [p] = polygon(r).coordinates
    assert.deepEqual(p[0], p[p.length - 1])
    let twice = 0
    for (let i = 0; i + 1 < p.length; i++) twice += p[i][0] * p[i + 1][1] - p[i + 1][0] * p[i][1]
    assert.ok(twice > 0)
  }
  assert.equal(ringsOf(polygon(square(50)))[0].length, 4)
  assert.equal(ringsOf({ type: 'Feature', geometry: { type: 'MultiPolygon', coordinates: [polygon(square(5)).coordinates, polygon(square(9)).coordinates] } }).length, 2)
  assert.deepEqual(ringsOf(undefined), [])
})
test('corners as text and back', () => {
  const r = [[113.0420123, 25.7934567], [113.043, 25.794], [113.044, 25.793]]
  assert.deepEqual(ringOfText(textOfRing(r)).map(p => p.map(x => x.toFixed(5))), r.map(p => p.map(x => x.toFixed(5))))
  assert.deepEqual(ringOfText('25.79，113.04; 25.8 113.05'), [[113.04, 25.79], [113.05, 25.8]])
  assert.equal(ringOfText('25.79, east'), null)
  assert.equal(ringOfText('113.04, 25.79'), null)
})

// ---- forms ----
const f = (name, type, required = false, more = {}) => ({ name, type, required, label: { en: name }, ...more })
const spray = { act: 'spray', subject: 'season', fields: [f('season', 'season'), f('plot', 'place'), f('product', 'input', true), f('quantity', 'quantity', true), f('uom', 'uom', true, { units: [{ value: 'kg' }, { value: 'mL' }] }), f('dose', 'dose'), f('doseUom', 'uom', false, { units: [{ value: 'g' }] }), f('at', 'time', true), f('note', 'longtext'), f('id', 'id'), f('evidence', 'evidence')] }
const mill = { act: 'mill', subject: 'lots', fields: [f('inputs', 'lots', true), f('outputs', 'lots', true), f('loss', 'loss'), f('serials', 'codes')] }
test('a unit stands beside its amount and is no field of its own', () => {
  assert.deepEqual(fieldsOf(spray).map(x => x.name), ['season', 'plot', 'product', 'quantity', 'dose', 'at', 'note'])
  assert.equal(unitBeside(spray, spray.fields[3]).name, 'uom')
  assert.equal(unitBeside(spray, spray.fields[5]).name, 'doseUom')
})
test('empty members stay out, numbers are numbers, a unit without its amount goes', () => {
  assert.deepEqual(cleaned(spray, { season: 's', product: 'p', quantity: '2.50', uom: 'kg', dose: '', doseUom: 'g', at: 'x', note: ' ' , extra: 1 }), { season: 's', product: 'p', quantity: 2.5, uom: 'kg', at: 'x' })
  assert.deepEqual(cleaned(spray, { quantity: 'much', uom: 'kg' }), { quantity: 'much', uom: 'kg' })
  assert.deepEqual(cleaned(mill, { inputs: [{ lot: 'A', quantity: '3', uom: 'kg' }, { lot: '', quantity: '', uom: 'kg' }], outputs: [], loss: [{ reason: '', quantity: '1', uom: 'kg' }], serials: 'a, b\nc' }), { inputs: [{ lot: 'A', quantity: 3, uom: 'kg' }], loss: [{ quantity: 1, uom: 'kg' }], serials: ['a', 'b', 'c'] })
})
test('what must be given is told, the season of an act in the field too', () => {
  assert.deepEqual(missing(spray, { product: 'p', quantity: 1, uom: 'kg', at: 'x' }), ['season'])
  assert.deepEqual(missing(spray, { season: 's', product: 'p', uom: 'kg', at: 'x' }), ['quantity'])
  assert.deepEqual(missing(mill, { inputs: [{ lot: 'A' }], outputs: [{ lot: '' }] }), ['outputs'])
  assert.equal(defaults(mill).inputs.length, 1)
})
test('a time as entered is the place’s', () => assert.equal(timed('2026-07-01T06:30'), '2026-07-01T06:30:00+08:00'))

// ---- records ----
const ev = more => ({ type: 'TransformationEvent', eventID: 'urn:uuid:1', eventTime: '2026-07-01T06:30:00.000+08:00', recordTime: '2026-07-01T08:00:00Z', bizStep: 'suyuan:spraying', transformationID: 'https://x.example/season/guyu/2026-a', readPoint: { id: 'https://x.example/place/guyu/P1' },
  inputQuantityList: [{ epcClass: 'https://x.example/lot/guyu/B7', quantity: 0.2, uom: 'KGM' }], 'suyuan:input': 'https://x.example/input/guyu/I1', 'suyuan:target': '稻飞虱', ...more })
test('a spray out of its event', () => {
  const r = recordOf(ev({ 'suyuan:evidence': [{ id: 'ni:///sha-256;' + 'ab'.repeat(32), 'suyuan:mediaType': 'image/jpeg' }] }))
  assert.deepEqual([r.act, r.season, r.org, r.place, r.input, r.evidence[0].hash, r.evidence[0].type], ['spray', '2026-a', 'guyu', 'P1', 'I1', 'ab'.repeat(32), 'image/jpeg'])
  assert.deepEqual(fieldsOfRecord(r, u => (u === 'KGM' ? 'kg' : u)), { target: '稻飞虱', season: '2026-a', product: 'I1', lot: 'B7', quantity: 0.2, uom: 'kg' })
  assert.deepEqual(evidenceOf(ev({ 'suyuan:evidence': ['ni:///sha-256;zz'] })), [])
})
test('acts are told from steps, a partner’s receipt is none of ours', () => {
  assert.equal(actOf({ type: 'AggregationEvent', bizStep: 'packing' }), 'aggregate')
  assert.equal(actOf({ type: 'TransformationEvent', bizStep: 'https://ref.gs1.org/cbv/BizStep-packing'.replace('BizStep-', '') }), 'pack')
  assert.equal(actOf({ type: 'ObjectEvent', bizStep: 'receiving' }), '')
  assert.equal(actOf({ type: 'ObjectEvent', bizStep: 'receiving', 'suyuan:input': 'x' }), 'receive-input')
  assert.equal(nameOfUri('https://x/season/guyu/a%2Eb').code, 'a.b')
  assert.equal(nameOfUri('urn:epc:id:sgln:1.2.3').kind, '')
})
test('a correction: the old record stays, is struck and leads to the new one', () => {
  const all = together([ev(), ev({ eventID: 'urn:uuid:2' }), ev({ errorDeclaration: { declarationTime: '2026-07-02T00:00:00Z', reason: 'incorrect_data', correctiveEventIDs: ['urn:uuid:2'] } })])
  assert.equal(all.length, 2)
  assert.equal(all.find(r => r.id === 'urn:uuid:1').wrong.by, 'urn:uuid:2')
  assert.equal(all.find(r => r.id === 'urn:uuid:2').corrects, 'urn:uuid:1')
  assert.equal(all.find(r => r.id === 'urn:uuid:2').wrong, null)
})
test('a season’s stage follows from what holds', () => {
  assert.equal(stageOf([]), 'ready')
  assert.equal(stageOf([{ act: 'sow' }]), 'growing')
  assert.equal(stageOf([{ act: 'sow' }, { act: 'harvest', wrong: {} }]), 'growing')
  assert.equal(stageOf([{ act: 'harvest' }]), 'picking')
  assert.equal(stageOf([{ act: 'harvest' }, { act: 'clear' }]), 'cleared')
})

// ---- weeks ----
test('weeks begin on Monday, over the end of years too', () => {
  assert.equal(monday('2026-07-05'), '2026-06-29')
  assert.deepEqual(weeks('2026-12-31', 2), ['2026-12-28', '2027-01-04'])
  assert.equal(weekNumber('2027-01-01'), 53)
  assert.equal(weekNumber('2026-01-01'), 1)
  assert.equal(plus('2024-02-28', 2), '2024-03-01')
  assert.equal(between('2026-06-30', '2026-07-02'), 2)
})

// ---- devices ----
const sensing = path.join(src, '../../../src/sensing')
const defined = (file, macro) => [...fs.readFileSync(path.join(sensing, file), 'utf8').matchAll(new RegExp(`^${macro}\\((.*)\\)\\s*$`, 'gm'))].map(m => [...m[1].matchAll(/"([^"]*)"/g)].map(x => x[1]))
test('quantities, checks and protocols are called as the server calls them, units have a sign', () => {
  const quantities = defined('quantities.def', 'QUANTITY'), checks = defined('quality/checks.def', 'CHECK'), alarms = defined('quality/alarms.def', 'ALARM'), protocols = defined('protocols.def', 'PROTOCOL')
  assert.ok(quantities.length > 20 && checks.length > 5 && alarms.length > 3 && protocols.length > 3)
  for (const [name, , unit, sign, ...w] of quantities) {
    assert.deepEqual(words['q_' + name], w, name)
    if (unit) assert.ok(SIGNS[unit] && (sign.startsWith(SIGNS[unit])), `${name}: ${unit} is ${SIGNS[unit]}, there ${sign}`)
  }
  for (const [name, ...w] of checks) assert.deepEqual(words['k_' + name], w.map(x => x.replace("'", '’')), name)
  for (const [, name, ...w] of alarms) assert.deepEqual(words['a_' + name], w, name)
  assert.deepEqual(Object.keys(words).filter(k => k.startsWith('a_')).sort(), alarms.map(a => 'a_' + a[1]).sort())
  for (const [name, ...w] of protocols) assert.deepEqual(words['p_' + name], w, name)
  assert.deepEqual([...PROTOCOLS].sort(), protocols.map(p => p[0]).sort())
  assert.deepEqual(MODELS, defined('models.def', 'MODEL').map(m => m[0]))
  for (const [name] of defined('notices.def', 'NOTICE').filter(n => !['unknown-device', 'disconnected', 'connected'].includes(n[0])).concat([['conflict'], ['unknown-place'], ['unknown-model']])) assert.ok(words['k_' + name] && words['x_' + name], name)
})
test('steps begin at whole hours and days of the place', () => {
  const now = Date.parse('2026-07-10T15:47:12+08:00'), iso = x => new Date(x).toISOString()
  assert.deepEqual([iso(spanOf('day', now).from), spanOf('day', now).step], ['2026-07-09T07:40:00.000Z', 600000])
  assert.deepEqual([iso(spanOf('month', now).from), spanOf('month', now).to], ['2026-06-10T04:00:00.000Z', now + 1])
  assert.equal(iso(spanOf('season', now, Date.parse('2026-05-02T06:30:00+08:00')).from), '2026-05-01T16:00:00.000Z')
  assert.ok(now - spanOf('season', now, 0).from <= 401 * 86400000)
  assert.equal(seriesUrl('a', 'b-c', { from: 1, to: 2, step: 3 }), '/api/series?device=a&channel=b-c&from=1&to=2&step=3')
  assert.equal(seriesUrl('a', 'b', { from: 1, to: 2, step: 3 }, 'csv'), '/api/series?device=a&channel=b&from=1&to=2&format=csv')
})
test('where only hours are left nothing finer is asked for', () => {
  const HOUR = 3600000, s = byHours({ from: 5 * HOUR + 600000, to: 9 * HOUR, step: 600000 })
  assert.deepEqual([s.from, s.to, s.step], [5 * HOUR, 9 * HOUR, HOUR])
  assert.equal(byHours({ from: 0, to: 1, step: 24 * HOUR }).step, 24 * HOUR)
  assert.equal(seriesUrl('a', 'b', byHours({ from: 0, to: 2, step: 24 * HOUR })), '/api/series?device=a&channel=b&from=0&to=2&step=86400000')
  assert.equal(seriesUrl('a', 'b', s, 'csv'), '/api/series?device=a&channel=b&from=18000000&to=32400000&format=csv&step=3600000')
})
test('a curve is broken where steps are missing, and nowhere else', () => {
  assert.deepEqual(columns([[0, 1, 2, 3, 4], [10, 2, 3, 4, 1]], 10), [[5, 15], [1, 2], [2, 3], [3, 4]])
  assert.deepEqual(columns([[0, 1, 1, 1, 1], [10, 1, 1, 1, 1], [20, 1, 1, 1, 1], [90, 2, 2, 2, 1]], 10)[1], [1, 1, 1, null, 2])
  assert.deepEqual(columns([[0, 1, 1, 1, 1], [60, 1, 1, 1, 1], [120, 1, 1, 1, 1]], 10)[1], [1, 1, 1])
  assert.deepEqual(columns([], 10), [[], [], [], []])
})
test('marks that a thumb could not tell apart are one', () => {
  assert.deepEqual(grouped([{ ms: 50 }, { ms: 0 }, { ms: 10 }], x => x).map(g => [g.x, g.list.length]), [[0, 2], [50, 1]])
})
test('ids, units, colours', () => {
  assert.deepEqual(['soil-1', 'a b', '', '土'].map(goodId), [true, false, false, false])
  assert.deepEqual([signOf({ uom: 'CEL', unit: '°C' }), signOf({ unit: 'furlong' }), signOf({})], ['°C', 'furlong', ''])
  assert.deepEqual([colourOf({ severity: 'grave' }), colourOf({ severity: 'warns' })], ['blocks', 'warns'])
  const listed = (informs, warns, grave) => ({ findings: { informs, warns, grave } })
  assert.deepEqual([listed(1, 2, 3), listed(4, 1, 0), listed(2, 0, 0)].map(d => [counted(d), worst(d)]), [[6, 'blocks'], [5, 'warns'], [2, 'informs']])
})

// ---- spreadsheets ----
test('CSV: quotes, breaks, no formula out of what somebody typed', () => {
  assert.equal(csv(['a', 'b'], [['x"y', 'l1\nl2'], ['=1+1', -3], [{ text: 't', href: 'https://x/1' }, '']]), '\ufeffa,b\r\n"x""y","l1\nl2"\r\n\'=1+1,-3\r\nhttps://x/1,\r\n')
})
test('XLSX: a zip that others open, numbers as numbers, links that lead somewhere', () => {
  assert.equal(crc32(new TextEncoder().encode('123456789')), 0xcbf43926)
  assert.deepEqual([0, 25, 26, 701, 702].map(column), ['A', 'Z', 'AA', 'ZZ', 'AAA'])
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'desk-')), file = path.join(folder, 'x.xlsx')
  fs.writeFileSync(file, xlsx(['日期', 'n'], [['2026-07-01 <&>', 2.5], [{ text: 'p', href: 'https://x/1?a=1&b=2' }, '']]))
  const read = `import sys, zipfile, xml.etree.ElementTree as E\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nfor n in z.namelist(): E.fromstring(z.read(n))\ns = z.read("xl/worksheets/sheet1.xml").decode()\nprint(s.count("<row"), "<v>2.5</v>" in s, "a=1&amp;b=2" in z.read("xl/worksheets/_rels/sheet1.xml.rels").decode())`
  assert.equal(execFileSync('python3', ['-c', read, file], { encoding: 'utf8' }).trim(), '3 True True')
  fs.rmSync(folder, { recursive: true })
})
