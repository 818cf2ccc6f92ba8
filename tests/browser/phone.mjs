// A phone for tests: Chromium with touch, a camera, a position, a storage that outlives it, and a clock that can be set.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { axe, launchedIn } from './chromium.mjs'

const args = ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream=fps=5', '--autoplay-policy=no-user-gesture-required']
const folders = []
export const newFolder = () => { const d = fs.mkdtempSync(path.join(os.tmpdir(), 'phone-')); folders.push(d); return d }
export const throwAway = () => folders.forEach(d => fs.rmSync(d, { recursive: true, force: true }))

// The clock of a phone: `shift` ms beside this machine's, and more at a call of setClock within the page.
const clock = shift => {
  const Real = Date
  let by = shift
  class Told extends Real {
    constructor(...a) { if (a.length) super(...a); else super(Real.now() + by) }
    static now() { return Real.now() + by }
  }
  self.Date = Told
  self.setClock = more => { by += more }
}

export async function phone(url, { folder = newFolder(), shift = 0, lang = 'zh-CN', width = 360, offline = false, before } = {}) {
  const context = await launchedIn(folder, { args, viewport: { width, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true,
    locale: lang, timezoneId: 'Asia/Shanghai', geolocation: { latitude: 22.99, longitude: 114.41, accuracy: 8 }, permissions: ['geolocation', 'camera', 'microphone'], acceptDownloads: true })
  context.setDefaultTimeout(90000)      // the machine may be busy with other tests
  await context.addInitScript(clock, shift)
  if (before) await context.addInitScript(before)
  const p = { context, folder, bad: [], foreign: [], page: context.pages()[0] ?? await context.newPage() }
  p.watch = page => {
    page.on('pageerror', e => p.bad.push(String(e)))
    page.on('console', m => { if (m.type() === 'error' && !/Failed to load resource|net::ERR/.test(m.text())) p.bad.push(m.text()) })
    page.on('request', r => { if (!r.url().startsWith(url) && !/^(data|blob):/.test(r.url())) p.foreign.push(r.url()) })
    return page
  }
  p.watch(p.page)
  if (offline) await context.setOffline(true)
  p.open = async (view = '') => { await p.page.goto(`${url}/field/${view && '#' + view}`, { waitUntil: 'load' }); await p.page.waitForSelector('main') }
  p.settled = () => p.page.evaluate(() => navigator.serviceWorker.ready.then(r => new Promise(done => { const w = r.active; w.state === 'activated' ? done() : w.addEventListener('statechange', () => w.state === 'activated' && done()) })))
  p.enter = async (name, password = 'secret of ' + name) => {
    const { page } = p
    await page.fill('#name', name)
    await page.fill('#password', password)
    await page.tap('#enter')
    await page.waitForSelector('.tile')
  }
  // The session did not outlive the days: the queue waits until its owner has signed in.
  p.again = async name => {
    await p.says('要重新登录才能上传')
    await p.page.tap('#status button')
    await p.page.waitForSelector('#enter')
    await p.enter(name)
  }
  p.tile = act => p.page.tap(`[data-act="${act}"]`)
  p.shoot = async () => { await p.page.waitForSelector('#shoot:not([disabled])'); await p.page.tap('#shoot'); await p.page.waitForSelector('#save') }
  p.save = async () => { await p.page.waitForSelector('#save:not([disabled])'); await p.page.tap('#save'); await p.page.waitForSelector('.tile') }
  p.record = async act => { await p.tile(act); await p.shoot(); await p.save() }
  p.status = () => p.page.locator('#status').innerText()
  p.says = (words, patience = 90000) => p.page.waitForFunction(w => document.querySelector('#status')?.innerText.includes(w), words, { timeout: patience })
  p.kept = (store = 'records') => (async () => p.page.evaluate(name => new Promise((done, fail) => {
    const r = indexedDB.open('suyuan-field')
    r.onerror = () => fail(r.error)
    r.onsuccess = () => {
      const all = r.result.transaction(name).objectStore(name).getAll()
      all.onsuccess = async () => { r.result.close(); done(await Promise.all(all.result.map(async x => (x.bytes instanceof ArrayBuffer ? { ...x, length: x.bytes.byteLength, bytes: undefined,
        digest: [...new Uint8Array(await crypto.subtle.digest('SHA-256', x.bytes))].map(b => b.toString(16).padStart(2, '0')).join('') } : x)))) }
    }
  }), store))()
  // As when the battery falls out: no page is told.
  p.kill = async () => {
    const gone = new Promise(done => context.once('close', done))
    const cdp = await context.newCDPSession(p.page)
    cdp.send('Browser.crash').catch(() => {})
    await Promise.race([gone, new Promise((_, fail) => setTimeout(() => fail(new Error('the phone does not die')), 20000))])
  }
  p.end = () => context.close()
  return p
}

export async function violations(page) {
  await page.evaluate(axe)
  const r = await page.evaluate(() => axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }))
  return r.violations.map(v => `${v.id}: ${v.nodes.map(x => x.html.slice(0, 160) + ' ' + (x.any[0]?.message ?? '')).join(' | ')}`)
}
// Targets that a thumb would miss: smaller than `least` px in either direction.
export const small = (page, least) => page.evaluate(n => [...document.querySelectorAll('a, button, select, textarea, input, [role=tab], .filebutton')].filter(e => {
  const r = e.getBoundingClientRect()
  return e.checkVisibility() && r.width > 0 && (r.height < n - 0.5 || r.width < n - 0.5)
}).map(e => `${Math.round(e.getBoundingClientRect().width)}x${Math.round(e.getBoundingClientRect().height)} ${e.outerHTML.slice(0, 120)}`), least)
export const wide = page => page.evaluate(() => [...document.querySelectorAll('body *')].filter(e => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.shots')).map(e => e.outerHTML.slice(0, 120)))
