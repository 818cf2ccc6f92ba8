// The phone's app and the real server, all of it: three hours in the field without a signal, then a network that loses answers and drops connections.
// usage: node field_day.mjs URL KEY-that-may-query     Prints TAP.
import crypto from 'node:crypto'
import path from 'node:path'

import { asking, makeNet } from './field_farm.mjs'
import { phone, throwAway } from './phone.mjs'
import { end, ok } from './tap.mjs'

const [server, key, shots] = process.argv.slice(2)
const ask = asking(server, key)
async function until(what, patience = 120000) {
  for (const end = Date.now() + patience; Date.now() < end; await new Promise(done => setTimeout(done, 100))) if (await what()) return true
  return false
}
const shoot = async (p, name) => { if (shots && shots !== '-') await p.page.screenshot({ path: path.join(shots, `${name}.png`) }) }

try {
  const net = await makeNet(server), p = await phone(net.url)
  await p.open()
  await p.enter('li', 'correct horse')
  await p.settled()
  await p.page.waitForFunction(() => document.querySelector('#where')?.value)
  ok(await p.page.locator('.tile').count() >= 17 && await p.page.locator('#where').inputValue() === 'Rice2026', 'the server’s own acts and season are on the phone')
  await shoot(p, 'real-home')
  await p.context.setOffline(true)
  const acts = ['growth', 'weed', 'irrigate', 'growth', 'spray', 'growth']
  for (const act of acts) {
    await p.tile(act)
    await p.shoot()
    if (act === 'spray') {
      await p.page.tap('#fill')
      await p.page.selectOption('#f-product', 'CAP')
      await p.page.fill('#f-quantity', '360')
      await p.page.selectOption('select.unit >> nth=0', 'mL')
      await shoot(p, 'real-spray')
    }
    await p.save()
  }
  await p.page.tap('#tab-ask')
  await p.page.waitForSelector('#verdict.bad')
  const local = await p.page.innerText('#verdict')
  ok(local.includes('间隔 7 天') && local.includes('康宽'), 'without a signal it answers when one may harvest, from the label and the spray that still waits', local)
  const kept = await p.kept(), files = await p.kept('files')
  ok(kept.length === 6 && kept.every(r => r.state === 'waiting'), 'six records wait', kept.map(r => [r.act, r.state, r.missing]))
  net.bad = true
  await p.context.setOffline(false)
  ok(await until(async () => (await p.kept()).every(r => r.state === 'done'), 180000), 'over a bad network all are sent', (await p.kept()).map(r => [r.act, r.state, r.why, r.tries]))
  net.bad = false
  console.log(`# ${net.dropped} connections dropped, ${net.lost} answers lost`)
  const season = await ask('/api/seasons/guyu/Rice2026')
  ok(JSON.stringify(season.acts.map(a => a.act).sort()) === JSON.stringify([...acts].sort()), 'each is on the season exactly once', season.acts.map(a => [a.act, a.eventID]))
  const times = new Map(season.acts.map(a => [a.eventID, Date.parse(a.at)]))
  ok(kept.every(r => times.get('urn:uuid:' + r.id) === Date.parse(r.at)), 'under its own number, with its true time')
  const events = (await ask('/epcis/events?perPage=100')).epcisBody.queryResults.resultsBody.eventList.filter(e => season.acts.some(a => a.eventID === e.eventID))
  ok(events.length === 6 && events.every(e => e['suyuan:actSignature']?.['suyuan:key']), 'each bears the signature of the phone’s own key, and it holds', events.map(e => Object.keys(e).join()))
  ok(season.acts.every(a => a.clock === 'synced'), 'the server finds the clock good', season.acts.map(a => a.clock))
  const same = await Promise.all(files.map(async f => crypto.createHash('sha256').update(Buffer.from(await ask('/api/blobs/sha256/' + f.sha256, 'arrayBuffer'))).digest('hex') === f.sha256))
  ok(same.length === 6 && same.every(x => x), 'the photos are identical by SHA-256')
  ok(season.acts.every(a => JSON.stringify(a.evidence).includes('ni:///sha-256;')), 'and bound to their records')
  await p.open('/ask')
  await p.page.reload()
  await p.page.waitForFunction(() => document.querySelector('#verdict .source')?.innerText.includes('服务器'))
  const told = await p.page.innerText('#verdict')
  ok(local.split('\n')[0].trim() === told.split('\n')[0].trim(), 'with a signal the server says the same', local + '\n' + told)
  await shoot(p, 'real-ask')
  ok(p.bad.length === 0 && p.foreign.length === 0, 'asks nobody else, breaks no policy, no error', [...p.bad, ...p.foreign].join('\n'))
  await p.end()
  net.end()
} catch (e) { ok(false, 'the day runs to its end', e.stack) }
throwAway()
end()
