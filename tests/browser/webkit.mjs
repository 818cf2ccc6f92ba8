// WebKit for the tests, the engine of every iPhone: Debian's WebKitGTK in its small browser, on a screen of its own, led by W3C WebDriver (w3.org/TR/webdriver2).
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf', PATIENCE = 90000
const MINI = fs.readdirSync('/usr/lib', { withFileTypes: true }).filter(d => d.isDirectory() && d.name.endsWith('-linux-gnu'))
  .flatMap(d => ['4.1', '4.0'].map(v => `/usr/lib/${d.name}/webkit2gtk-${v}/MiniBrowser`)).find(f => fs.existsSync(f))

async function until(what, why, patience = PATIENCE) {
  for (const end = Date.now() + patience; Date.now() < end; await new Promise(done => setTimeout(done, 50))) {
    const found = await what()
    if (found) return found
  }
  throw new Error('in vain: ' + (typeof why === 'function' ? await why() : why))
}
// Ends with this process, however that ends.
const started = (program, args, more) => {
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', program, ...args], more)
  child.failed = new Promise((_, fail) => { child.once('error', fail); child.once('exit', code => { if (code) fail(new Error(`${program} ended with ${code}`)) }) })
  child.failed.catch(() => {})
  return child
}
// An X server that chooses a free number of its own.
async function screen() {
  const x = started('Xvfb', ['-displayfd', '3', '-screen', '0', '800x1000x24', '-nolisten', 'tcp'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
  const number = await Promise.race([new Promise(done => x.stdio[3].once('data', d => done(String(d).trim()))), x.failed])
  return { x, display: ':' + number }
}
const freePort = () => new Promise(done => { const s = http.createServer().listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => done(port)) }) })
function asked(port) {
  return async (method, at, body) => {
    const r = await fetch(`http://127.0.0.1:${port}${at}`, { method, body: body && JSON.stringify(body), headers: { 'Content-Type': 'application/json' }, signal: AbortSignal.timeout(PATIENCE) }), { value } = await r.json()
    if (value?.error) throw new Error(`${method} ${at}: ${value.error}: ${value.message}`)
    return value
  }
}

// One browser with one window, as wide as a phone; `lang`: what its reader reads.
export async function webkit({ lang = 'zh_CN', width = 390, height = 780 } = {}) {
  if (!MINI) throw new Error('MiniBrowser of WebKitGTK is not here')
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'webkit-')), { x, display } = await screen(), port = await freePort()
  const env = { ...process.env, DISPLAY: display, LANG: 'C.UTF-8', LC_ALL: '', LANGUAGE: lang, HOME: home, XDG_DATA_HOME: home + '/data', XDG_CACHE_HOME: home + '/cache', XDG_CONFIG_HOME: home + '/config',
    XDG_RUNTIME_DIR: home, TZ: 'Asia/Shanghai', WEBKIT_DISABLE_DMABUF_RENDERER: '1', NO_AT_BRIDGE: '1' }
  const driver = started('WebKitWebDriver', ['--port=' + port, '--host=127.0.0.1'], { env, stdio: 'ignore' }), ask = asked(port)
  await Promise.race([until(() => ask('GET', '/status').catch(() => null), 'WebKitWebDriver does not answer', 30000), driver.failed])
  const ended = async () => {
    for (const child of [driver, x]) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const gone = new Promise(done => child.once('exit', done))
      child.kill()
      await gone
    }
    fs.rmSync(home, { recursive: true, force: true })
  }
  const { sessionId } = await ask('POST', '/session', { capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': { binary: MINI, args: ['--automation'] } } } })
  const at = '/session/' + sessionId, w = { home }
  w.run = (what, ...args) => ask('POST', at + '/execute/sync', { script: `return (${what}).apply(null, arguments)`, args })
  // A promise's value.
  w.runs = async (what, ...args) => {
    const [value, wrong] = await ask('POST', at + '/execute/async', { script: `const done = arguments[arguments.length - 1]; (${what}).apply(null, arguments).then(v => done([v]), e => done([null, String(e)]))`, args })
    if (wrong) throw new Error(wrong)
    return value
  }
  w.goto = url => ask('POST', at + '/url', { url })
  w.reload = () => ask('POST', at + '/refresh', {})
  w.find = async css => (await ask('POST', at + '/elements', { using: 'css selector', value: css }))[0]?.[ELEMENT]
  w.wait = css => until(() => w.find(css), async () => `${css}; there is ${await w.run(() => document.body.innerText.slice(0, 400))}`)
  w.until = (what, ...args) => until(() => w.run(what, ...args), async () => `${what}; there is ${await w.run(() => document.body.innerText.slice(0, 400))}`)
  w.tap = async css => { await ask('POST', `${at}/element/${await w.wait(css)}/click`, {}) }
  w.type = async (css, text) => { await ask('POST', `${at}/element/${await w.wait(css)}/value`, { text }) }     // a file's path into a field for files
  w.text = css => w.run(c => document.querySelector(c)?.innerText ?? '', css)
  w.end = async () => { await ask('DELETE', at).catch(() => {}); await ended() }
  const { width: outerWidth, height: outerHeight } = await ask('POST', at + '/window/rect', { x: 0, y: 0, width, height })
  const [innerWidth, innerHeight] = await w.run(() => [window.innerWidth, window.innerHeight])
  await ask('POST', at + '/window/rect', { width: outerWidth + width - innerWidth, height: outerHeight + height - innerHeight })    // the frame counts too
  return w
}
