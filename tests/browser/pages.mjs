// The consumer's pages in real Chromium: complete without script, readable at 360 px, no axe violation, in three languages.
// usage: node pages.mjs URL-of-the-front-page [FOLDER-for-screenshots]     Prints TAP.
import path from 'node:path'
import { axe, launched } from './chromium.mjs'
import { end, ok } from './tap.mjs'

const [front, shots] = process.argv.slice(2)
const browser = await launched()

async function open(url, { width = 360, lang = 'zh-CN', script = false } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 780 }, deviceScaleFactor: 2, isMobile: width < 600, hasTouch: width < 600, locale: lang,
    timezoneId: 'Asia/Shanghai', javaScriptEnabled: script })
  const page = await context.newPage()
  const foreign = []
  page.on('request', r => { if (!r.url().startsWith(new URL(front).origin) && !r.url().startsWith('data:')) foreign.push(r.url()) })
  page.on('console', m => { if (m.type() === 'error' && m.location().url !== url) foreign.push('console: ' + m.text()) })
  const answer = await page.goto(url, { waitUntil: 'load' })
  return { page, context, foreign, answer }
}

async function violations(page) {
  await page.evaluate(axe)
  const r = await page.evaluate(() => axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }))
  return r.violations.map(v => `${v.id}: ${v.nodes.map(x => x.html.slice(0, 160) + ' ' + (x.any[0]?.message ?? '')).join(' | ')}`)
}

async function wide(page) {
  return page.evaluate(() => [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && getComputedStyle(e).position !== 'absolute')
    .map(e => e.outerHTML.slice(0, 120)))
}

async function small(page) {     // what a thumb must hit
  return page.evaluate(() => [...document.querySelectorAll('a, button, summary, input')].filter(e => {
    const r = e.getBoundingClientRect()
    return r.width > 0 && r.height < 24 && !e.closest('p, li, td, dd')
  }).map(e => e.outerHTML.slice(0, 120)))
}

async function look(name, url) {
  for (const [lang, want] of [['zh-CN', 'zh-Hans'], ['zh-HK', 'zh-Hant'], ['en-GB', 'en']]) {
    const { page, context, foreign, answer } = await open(url, { lang })
    ok(await page.evaluate(() => document.documentElement.lang).catch(() => page.locator('html').getAttribute('lang')) === want
      || (await page.locator('html').getAttribute('lang')) === want, `${name}: speaks ${want}`)
    ok((await answer.body()).length < 30 * 1024, `${name} ${want}: under 30 KB`, (await answer.body()).length)
    ok(foreign.length === 0, `${name} ${want}: asks nobody else, breaks no policy`, foreign.join('\n'))
    if (shots) await page.screenshot({ path: path.join(shots, `${name}-${want}.png`), fullPage: true })
    await context.close()
  }
  for (const width of [360, 1280]) {
    const { page, context } = await open(url, { width, script: true })
    const v = await violations(page)
    ok(v.length === 0, `${name} at ${width} px: axe finds nothing`, v.join('\n'))
    const w = await wide(page)
    ok(w.length === 0, `${name} at ${width} px: nothing sticks out`, w.join('\n'))
    const s = await small(page)
    ok(s.length === 0, `${name} at ${width} px: every target can be hit`, s.join('\n'))
    const size = await page.evaluate(() => parseFloat(getComputedStyle(document.body).fontSize))
    ok(size >= 17, `${name} at ${width} px: the old can read it`, size)
    if (shots) await page.screenshot({ path: path.join(shots, `${name}-${width}.png`), fullPage: true })
    await context.close()
  }
}

const { page, context } = await open(front)
const links = await page.locator('a[href]').evaluateAll(a => a.map(x => x.href)).catch(async () =>
  Promise.all((await page.locator('a[href]').all()).map(async a => new URL(await a.getAttribute('href'), front).href)))
const stories = [...new Set(links.filter(l => /\/(01|00|lot|item|unit)\//.test(l)).map(l => l.replace(/\?.*/, '')))]
ok(stories.length >= 3, 'the front page links the three stories', links.join('\n'))
await context.close()
await look('front', front)
for (const [i, s] of stories.slice(0, 4).entries()) await look(`story${i + 1}`, s)
await look('unknown', new URL('/lot/nobody/Nothing', front).href)
await browser.close()
end()
