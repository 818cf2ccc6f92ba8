// Makes the desk: what `/desk/` serves, in OUTDIR, each file beside its compressed form.  usage: node build.mjs OUTDIR STAMP DEPFILE
import fs from 'node:fs'
import path from 'node:path'
import zlib from 'node:zlib'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = path.dirname(fileURLToPath(import.meta.url)), web = path.dirname(here)
const [out, stamp, depfile] = process.argv.slice(2).map(f => path.resolve(f))
const need = name => import(name).catch(e => {
  console.error(`${e.message}\nweb/node_modules is not whole: ./dev build brings it (or npm ci --ignore-scripts in web/, with node 20.19 or newer)`)
  process.exit(1)
})
const { build } = await need('vite'), vue = (await need('@vitejs/plugin-vue')).default

// `import { ElButton } from 'element-plus'` brings that component with its own style, and nothing of the others.
const folder = name => name.replace(/^El/, '').replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase()
const perComponent = {
  name: 'per-component', enforce: 'pre',
  transform(code, id) {
    if (!id.startsWith(here) || !code.includes("'element-plus'")) return
    return code.replace(/import \{([^}]*)\} from 'element-plus'/g, (_, names) => names.split(',').map(n => n.trim()).filter(Boolean)
      .map(n => `import { ${n} } from 'element-plus/es/components/index.mjs'; import 'element-plus/es/components/${folder(n)}/style/css'`).join('; '))
  },
}
// Leaflet's pictures (its pin, its layers' button) are not used.
const noPictures = { name: 'no-pictures', enforce: 'pre', transform: (code, id) => (/leaflet\.css/.test(id) ? code.replace(/background-image:\s*url\([^)]*\);?/g, '').replace(/behavior:\s*url\([^)]*\);?/g, '') : undefined) }
// `import('./words.js?en')` brings the words of one language.
const LANGS = ['zh-Hans', 'zh-Hant', 'en']
const oneLanguage = { name: 'one-language', enforce: 'pre', async load(id) {
  const [file, l] = id.split('?')
  if (!file.endsWith('words.js') || !LANGS.includes(l)) return
  const { words } = await import(pathToFileURL(file))
  return `export default ${JSON.stringify(Object.fromEntries(Object.entries(words).map(([k, all]) => [k, all[LANGS.indexOf(l)]])))}`
} }
const sources = new Set()
const remember = { name: 'remember', load: id => { if (id.startsWith(web) && !id.includes('node_modules')) sources.add(id.split('?')[0]) } }

fs.rmSync(out, { recursive: true, force: true })
await build({
  configFile: false, root: here, base: '/desk/', logLevel: 'warn', publicDir: false, plugins: [noPictures, remember, oneLanguage, perComponent, vue()], envDir: false,
  define: { __VUE_OPTIONS_API__: 'false', __VUE_PROD_DEVTOOLS__: 'false', __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false' },
  build: { outDir: out, emptyOutDir: true, target: 'es2020', sourcemap: false, assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false, chunkSizeWarningLimit: 1000 },
})
const list = fs.readdirSync(out, { recursive: true }).map(f => f.replaceAll(path.sep, '/')).filter(f => fs.statSync(path.join(out, f)).isFile()).sort()
let all = 0
const first = new Set(fs.readFileSync(path.join(out, 'index.html'), 'utf8').match(/assets\/[^"]+\.(js|css)/g) ?? [])
let begin = 0
for (const f of list) {
  const at = path.join(out, f), packed = zlib.gzipSync(fs.readFileSync(at), { level: 9 })
  fs.writeFileSync(at + '.gz', packed)
  all += packed.length
  if (first.has(f)) begin += packed.length
}
const most = 64 * 1024         // bytes on the wire before the first screen: a desk on a slow line
if (begin > most || begin === 0) {
  console.error(`the first load has ${begin} bytes compressed, more than ${most} (or none)`)
  process.exit(1)
}
fs.writeFileSync(stamp, `${begin} ${all}\n`)
const also = ['index.html', 'build.mjs'].map(f => path.join(here, f))
fs.writeFileSync(depfile, `${process.argv[3]}: ${[...new Set([...sources, ...also])].filter(f => fs.existsSync(f)).join(' ')}\n`)
