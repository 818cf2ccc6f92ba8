// Makes one script out of web/verify/ and its libraries, and the same bytes compressed.  usage: node build.mjs OUT.js OUT.js.gz DEPFILE
import fs from 'node:fs'
import path from 'node:path'
import zlib from 'node:zlib'
import { fileURLToPath } from 'node:url'

const here = path.dirname(fileURLToPath(import.meta.url))
const [out, packed, depfile] = process.argv.slice(2)
const { build } = await import('esbuild').catch(() => {
  console.error('web/node_modules is not there: ./dev build brings it (or npm ci --ignore-scripts in web/)')
  process.exit(1)
})

// The oldest browsers of which the libraries' BigInt and our class fields are known; older ones keep the page without script.
// (`?.` is there since Chrome 80; what a bug of Chrome up to 90 asks to be rewritten, a chain within `super` or parentheses, is nowhere in it.)
const made = await build({
  entryPoints: [path.join(here, 'verify/main.js')], bundle: true, minify: true, format: 'esm', charset: 'ascii', legalComments: 'none',
  target: ['chrome80', 'firefox78', 'safari14.1'], supported: { 'optional-chain': true }, absWorkingDir: here, write: false, metafile: true, logLevel: 'warning',
  banner: { js: '/* noble-ed25519: MIT, (c) Paul Miller */' },
})
const bytes = made.outputFiles[0].contents
const most = 12000      // bytes on the wire: a page stays light
const small = zlib.gzipSync(bytes, { level: 9 })
if (small.length > most) {
  console.error(`the script has ${small.length} bytes compressed, more than ${most}`)
  process.exit(1)
}
fs.writeFileSync(out, bytes)
fs.writeFileSync(packed, small)
fs.writeFileSync(depfile, `${out} ${packed}: ${Object.keys(made.metafile.inputs).map(f => path.join(here, f)).join(' ')}\n`)
