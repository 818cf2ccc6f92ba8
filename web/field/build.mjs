// Makes the phone's app: what `/field/` serves, in OUTDIR, each file beside its compressed form, and the service worker that keeps it for days without
// a signal.  usage: node build.mjs OUTDIR STAMP DEPFILE
import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import zlib from 'node:zlib'
import { fileURLToPath } from 'node:url'

const here = path.dirname(fileURLToPath(import.meta.url)), web = path.dirname(here)
const [out, stamp, depfile] = process.argv.slice(2).map(f => path.resolve(f))
const need = name => import(name).catch(e => {
  console.error(`${e.message}\nweb/node_modules is not whole: ./dev build brings it (or npm ci --ignore-scripts in web/, with node 20.19 or newer)`)
  process.exit(1)
})
const { build } = await need('vite'), vue = (await need('@vitejs/plugin-vue')).default, esbuild = await need('esbuild')

// Vant's icons are a font of 25 KB with a fallback to a stranger's address: neither comes with us, our drawings are in src/icons.js.
const noIconFont = { name: 'no-icon-font', enforce: 'pre', transform: (code, id) => (/vant\/es\/icon\/[^/]*\.css/.test(id) ? '' : undefined) }
const sources = new Set()
const remember = { name: 'remember', load: id => { if (id.startsWith(web) && !id.includes('node_modules')) sources.add(id.split('?')[0]) } }

const hash = bytes => crypto.createHash('sha256').update(bytes).digest('hex').slice(0, 10)
const wasm = fs.readFileSync(path.join(web, 'node_modules/zxing-wasm/dist/reader/zxing_reader.wasm')), scanner = `assets/zxing-${hash(wasm)}.wasm`
// The decoder would ask a stranger for its own code: it never does, since scan.js names ours; the address goes all the same.
const noStranger = { name: 'no-stranger', transform: (code, id) => (id.includes('zxing-wasm') ? code.replaceAll(/https:\/\/fastly\.jsdelivr\.net\/npm\//g, '/nowhere/') : undefined) }

fs.rmSync(out, { recursive: true, force: true })
await build({
  configFile: false, root: here, base: '/field/', logLevel: 'warn', publicDir: false, plugins: [noIconFont, noStranger, remember, vue()], envDir: false,
  define: { __VUE_OPTIONS_API__: 'true', __VUE_PROD_DEVTOOLS__: 'false', __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false', __SCANNER__: JSON.stringify('/field/' + scanner) },
  build: { outDir: out, emptyOutDir: true, target: 'es2020', sourcemap: false, assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false, rolldownOptions: { checks: { pluginTimings: false } } },
})
fs.copyFileSync(path.join(here, 'app.webmanifest'), path.join(out, 'app.webmanifest'))
fs.writeFileSync(path.join(out, scanner), wasm)

const list = () => fs.readdirSync(out, { recursive: true }).filter(f => fs.statSync(path.join(out, f)).isFile()).map(f => f.replaceAll(path.sep, '/')).sort()
const shell = list().filter(f => !f.endsWith('.wasm')).map(f => (f === 'index.html' ? '/field/' : '/field/' + f))
const version = hash(list().map(f => f + hash(fs.readFileSync(path.join(out, f)))).join())
await esbuild.build({ entryPoints: [path.join(here, 'src/sw.js')], outfile: path.join(out, 'sw.js'), bundle: true, minify: true, format: 'iife', target: 'es2020', legalComments: 'none',
  define: { SHELL: JSON.stringify(shell), VERSION: JSON.stringify(version) }, logLevel: 'warning' })

let first = 0
for (const f of list()) {
  const at = path.join(out, f), bytes = fs.readFileSync(at), packed = zlib.gzipSync(bytes, { level: 9 })
  fs.writeFileSync(at + '.gz', packed)
  if (f.endsWith('.wasm')) fs.rmSync(at)        // who can run it takes it compressed
  if (/^assets\/index-.*\.(js|css)$/.test(f)) first += packed.length
}
const most = 90 * 1024          // bytes on the wire before the first tile is seen
if (first > most || first === 0) {
  console.error(`the first load has ${first} bytes compressed, more than ${most} (or none)`)
  process.exit(1)
}
fs.writeFileSync(stamp, `${version} ${first}\n`)
const also = ['index.html', 'build.mjs', 'app.webmanifest', 'src/sw.js'].map(f => path.join(here, f))
fs.writeFileSync(depfile, `${process.argv[3]}: ${[...new Set([...sources, ...also])].filter(f => fs.existsSync(f)).join(' ')}\n`)
