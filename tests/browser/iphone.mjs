// What an iPhone's engine makes of it, against the real server: the phone's app with and without a signal, and the consumer's page that checks itself.
// usage: node iphone.mjs URL KEY-that-may-query PHOTO LOT-page     Prints TAP.
import crypto from 'node:crypto'
import fs from 'node:fs'

import { asking, makeNet } from './field_farm.mjs'
import { webkit } from './webkit.mjs'
import { end, ok, same } from './tap.mjs'

const [server, key, photo, lot] = process.argv.slice(2)
const ask = asking(server, key)
const kept = w => w.runs(() => new Promise((done, fail) => {
  const r = indexedDB.open('suyuan-field')
  r.onerror = () => fail(r.error)
  r.onsuccess = () => { const all = r.result.transaction('records').objectStore('records').getAll(); all.onsuccess = () => { r.result.close(); done(all.result.map(({ id, act, state, missing, at }) => ({ id, act, state, missing, at }))) } }
}))
const says = (w, words) => w.until(t => document.querySelector('#status')?.innerText.includes(t), words)
const wide = w => w.run(() => [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && e.getBoundingClientRect().width && getComputedStyle(e).position !== 'absolute').map(e => e.outerHTML.slice(0, 120)))

async function record(w, act, { file } = {}) {
  await w.tap(`[data-act="${act}"]`)
  if (file) await w.type('input[data-album]', file)
  else await w.tap('#without')
  await w.wait('#save:not([disabled])')
  await w.tap('#save')
  await w.wait('.tile')
}

const w = await webkit()
try {
  const net = await makeNet(server)
  await w.goto(net.url + '/field/')
  await w.wait('#enter')
  await w.type('#name', 'li')
  await w.type('#password', 'correct horse')
  await w.tap('#enter')
  await w.until(() => document.querySelectorAll('.tile').length >= 17 && document.querySelector('#where')?.value === 'Rice2026')
  ok((await w.text('h1, h2, main')).includes('现在做什么'), 'in Chinese, with the server’s acts and season', await w.text('main'))
  ok(!(await wide(w)).length, 'nothing sticks out', await wide(w))
  await w.runs(() => navigator.serviceWorker.ready.then(r => new Promise(done => { const s = r.active; s.state === 'activated' ? done() : s.addEventListener('statechange', () => s.state === 'activated' && done()) })))

  await record(w, 'growth', { file: photo })
  await says(w, '全部已上传')
  same((await kept(w)).map(r => [r.act, r.state]), [['growth', 'done']], 'a record with a photo from the album is sent')

  net.away = true         // no signal: nobody answers
  await record(w, 'weed')
  await record(w, 'growth', { file: photo })
  let list = await kept(w)
  ok(list.filter(r => r.state !== 'done').length === 2, 'without a signal two records stay on the phone', list)
  await w.reload()
  await w.wait('.tile')
  ok(await w.run(() => document.querySelector('#where')?.value === 'Rice2026'), 'the app starts without a signal, with its plots', await w.text('main'))
  await w.tap('#tab-ask')
  await w.wait('#verdict')
  ok((await w.text('#verdict')).length > 3, 'and answers when one may harvest', await w.text('#verdict'))
  await w.goto(net.url + '/field/#/queue').catch(() => {})
  await w.until(() => document.querySelector('#status'))
  list = await kept(w)
  ok(list.length === 3 && list.filter(r => r.state !== 'done').length === 2, 'what waits outlives a reload', list)
  net.away = false
  await w.reload()
  await says(w, '全部已上传')
  list = await kept(w)
  const season = await ask('/api/seasons/guyu/Rice2026')
  ok(JSON.stringify(season.acts.map(a => a.act).sort()) === JSON.stringify(['growth', 'growth', 'weed']), 'with a signal each is on the season exactly once', season.acts.map(a => [a.act, a.eventID]))
  const times = new Map(season.acts.map(a => [a.eventID, Date.parse(a.at)]))
  ok(list.every(r => times.get('urn:uuid:' + r.id) === Date.parse(r.at)), 'under its own number, with its true time', list)
  const digest = crypto.createHash('sha256').update(fs.readFileSync(photo)).digest('hex')
  ok(season.acts.filter(a => JSON.stringify(a.evidence ?? '').includes(digest)).length === 2, 'the photo is bound to its records, byte for byte', season.acts.map(a => a.evidence))
  const events = (await ask('/epcis/events?perPage=100')).epcisBody.queryResults.resultsBody.eventList.filter(e => season.acts.some(a => a.eventID === e.eventID))
  ok(events.length === 3 && events.every(e => e['suyuan:actSignature']?.['suyuan:key']), 'each signed by the phone’s own key', events.map(e => Object.keys(e).join()))
  net.end()

  // the consumer
  await w.goto(lot)
  await w.until(() => ['ok', 'bad', 'part', 'none'].includes(document.querySelector('#check')?.dataset.state))
  const state = await w.run(() => [document.querySelector('#check').dataset.state, document.querySelectorAll('ol.t > li[data-r].ok').length, document.querySelectorAll('ol.t > li[data-r].ng').length])
  ok(state[0] === 'ok' && state[1] > 3 && state[2] === 0, 'the consumer’s page checks its own entries', [state, await w.text('#check')])
  ok(!(await wide(w)).length, 'nothing of it sticks out', await wide(w))
} catch (e) { ok(false, 'the day runs to its end', e.stack) }
await w.end()
end()
