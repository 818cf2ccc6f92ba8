// The check on proofs that the server itself gives: each of the front page's stories is green, and an altered byte of it red.
// usage: node check_served.mjs URL-of-the-front-page [PICTURE.png of the first story's first screen]     Prints TAP.
import { launched } from './chromium.mjs'
import { end, ok } from './tap.mjs'

const [front, picture] = process.argv.slice(2)
const browser = await launched()

const context = await browser.newContext({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
const page = await context.newPage(), bad = []
page.on('console', m => { if (['error', 'warning'].includes(m.type())) bad.push(m.text()) })
page.on('pageerror', e => bad.push(String(e)))

async function look(url) {
  await page.goto(url, { waitUntil: 'load' })
  await page.waitForSelector('#check:is([data-state=ok],[data-state=bad],[data-state=none],[data-state=offline])', { timeout: 60000 })
  return page.evaluate(() => {
    const rows = [...document.querySelectorAll('ol.t > li[data-r]')]
    return { state: document.querySelector('#check').dataset.state, said: document.querySelector('#check').innerText, n: rows.length,
      red: rows.filter(li => li.classList.contains('ng')).map(li => `${li.dataset.r}: ${li.querySelector('.c').innerText}`), green: rows.filter(li => li.classList.contains('ok')).length }
  })
}

await page.goto(front, { waitUntil: 'load' })
const stories = [...new Set(await page.locator('#stories a').evaluateAll(a => a.map(x => x.href.replace(/\?.*/, ''))))]
for (const [i, url] of stories.entries()) {
  const s = await look(url)
  ok(s.state === 'ok' && s.n > 10 && s.green === s.n && !s.red.length, `story ${i + 1}: all ${s.n} entries are green on the server's own proof`, JSON.stringify(s))
  if (picture && i === 0) await page.screenshot({ path: picture })
}

await page.goto(stories[0], { waitUntil: 'load' })
const [org, number] = (await page.locator('ol.t > li[data-r]').nth(5).getAttribute('data-r')).split(' ')
await page.route(/\/log\/proof/, async r => {
  const answer = await r.fetch(), b = await answer.json()
  const told = b.records.find(x => x.type === 1 && x.header.startsWith(`suyuan record v1\n/org/${org}\n${number}\n`))
  told.event = told.event.replace(/"eventTimeZoneOffset":"./, '"eventTimeZoneOffset":"x')
  await r.fulfill({ response: answer, body: JSON.stringify(b) })
})
const s = await look(stories[0])
ok(s.state === 'bad' && s.red.length === 1 && s.green === s.n - 1, 'an altered word in it: one row is red', JSON.stringify(s))
ok(bad.length === 0, 'no complaint in the console', bad.join('\n'))
await browser.close()
end()
