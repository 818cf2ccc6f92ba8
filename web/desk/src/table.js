// Tables as files: CSV (RFC 4180, with the mark that spreadsheets want) and XLSX (ECMA-376, stored zip, links that can be clicked).  Pure.
const cell = x => (x && typeof x === 'object' ? x.text : x ?? '')
const guarded = s => (/^[=+\-@\t\r]/.test(s) && !/^[+-]?\d+(\.\d+)?$/.test(s) ? "'" + s : s)         // no formula comes out of what somebody typed
const quoted = x => { const s = guarded(String(x)); return /[",\r\n]/.test(s) ? `"${s.replaceAll('"', '""')}"` : s }
export const csv = (head, rows) => '\ufeff' + [head, ...rows].map(r => r.map(x => quoted(x && typeof x === 'object' ? x.href ?? x.text : x ?? '')).join(',')).join('\r\n') + '\r\n'

const esc = s => String(s).replace(/[&<>"]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
export function column(n) { let s = ''; for (n++; n > 0; n = Math.floor((n - 1) / 26)) s = String.fromCharCode(65 + ((n - 1) % 26)) + s; return s }
const head_ = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n', main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main', office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships', pack = 'http://schemas.openxmlformats.org/package/2006'
export function xlsx(head, rows, name = 'Sheet1') {
  const links = [], all = [head, ...rows]
  const data = all.map((r, i) => `<row r="${i + 1}">` + r.map((x, k) => {
    const at = column(k) + (i + 1), v = cell(x)
    if (x && typeof x === 'object' && x.href) links.push([at, x.href])
    if (v === '') return ''
    return typeof v === 'number' && Number.isFinite(v) ? `<c r="${at}"><v>${v}</v></c>` : `<c r="${at}" t="inlineStr"${i ? '' : ' s="1"'}><is><t xml:space="preserve">${esc(v)}</t></is></c>`
  }).join('') + '</row>').join('')
  const sheet = `${head_}<worksheet xmlns="${main}" xmlns:r="${office}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>${data}</sheetData>${links.length ? '<hyperlinks>' + links.map(([at], i) => `<hyperlink ref="${at}" r:id="l${i}"/>`).join('') + '</hyperlinks>' : ''}</worksheet>`
  const part = (n, type) => `<Override PartName="/${n}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.${type}+xml"/>`
  return zip({
    '[Content_Types].xml': `${head_}<Types xmlns="${pack}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${part('xl/workbook.xml', 'sheet.main')}${part('xl/worksheets/sheet1.xml', 'worksheet')}${part('xl/styles.xml', 'styles')}</Types>`,
    '_rels/.rels': `${head_}<Relationships xmlns="${pack}/relationships"><Relationship Id="r1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `${head_}<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="${esc(name).slice(0, 31)}" sheetId="1" r:id="r1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${head_}<Relationships xmlns="${pack}/relationships"><Relationship Id="r1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="${office}/styles" Target="styles.xml"/></Relationships>`,
    'xl/styles.xml': `${head_}<styleSheet xmlns="${main}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/><xf fontId="1" applyFont="1"/></cellXfs></styleSheet>`,
    'xl/worksheets/sheet1.xml': sheet,
    ...(links.length ? { 'xl/worksheets/_rels/sheet1.xml.rels': `${head_}<Relationships xmlns="${pack}/relationships">${links.map(([, href], i) => `<Relationship Id="l${i}" Type="${office}/hyperlink" Target="${esc(href)}" TargetMode="External"/>`).join('')}</Relationships>` } : {}),
  })
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1; return n >>> 0 })
export function crc32(bytes) { let c = 0xffffffff; for (const b of bytes) c = TABLE[(c ^ b) & 255] ^ (c >>> 8); return (c ^ 0xffffffff) >>> 0 }
function zip(files) {
  const parts = [], central = []
  let at = 0
  const put = (list, ...pieces) => { for (const p of pieces) list.push(p instanceof Uint8Array ? p : Uint8Array.from(p)) }
  const n = (v, bytes) => Array.from({ length: bytes }, (_, i) => Math.floor(v / 2 ** (8 * i)) & 255)
  for (const [name, text] of Object.entries(files)) {
    const path = new TextEncoder().encode(name), data = new TextEncoder().encode(text), common = [...n(0x0800, 2), ...n(0, 2), ...n(0, 2), ...n(0x21, 2), ...n(crc32(data), 4), ...n(data.length, 4), ...n(data.length, 4), ...n(path.length, 2), ...n(0, 2)]
    put(parts, [0x50, 0x4b, 3, 4, ...n(20, 2), ...common], path, data)
    put(central, [0x50, 0x4b, 1, 2, ...n(20, 2), ...n(20, 2), ...common, ...n(0, 2), ...n(0, 2), ...n(0, 2), ...n(0, 4), ...n(at, 4)], path)
    at += 30 + path.length + data.length
  }
  const size = central.reduce((s, p) => s + p.length, 0), count = Object.keys(files).length
  put(central, [0x50, 0x4b, 5, 6, ...n(0, 4), ...n(count, 2), ...n(count, 2), ...n(size, 4), ...n(at, 4), ...n(0, 2)])
  const out = new Uint8Array([...parts, ...central].reduce((s, p) => s + p.length, 0))
  let i = 0
  for (const p of [...parts, ...central]) { out.set(p, i); i += p.length }
  return out
}
export function download(name, type, content) {
  const url = URL.createObjectURL(new Blob([content], { type })), a = Object.assign(document.createElement('a'), { href: url, download: name })
  a.click()
  setTimeout(() => URL.revokeObjectURL(url), 10000)
}
