/* global __SCANNER__ */
// Codes: the browser's own detector where there is one, else a decoder that we serve ourselves, fetched at the first use.
const FORMATS = ['qr_code', 'data_matrix', 'ean_13', 'ean_8', 'code_128']

// Fetched in advance where it will be needed, so that it is there without a signal (the service worker keeps it).
export const warm = () => ('BarcodeDetector' in self || navigator.connection?.saveData ? undefined : fetch(__SCANNER__))

export async function decoder() {
  if ('BarcodeDetector' in self) {
    const able = await BarcodeDetector.getSupportedFormats().catch(() => [])
    if (able.includes('qr_code')) {
      const d = new BarcodeDetector({ formats: FORMATS.filter(f => able.includes(f)) })
      return async video => (await d.detect(video)).map(c => c.rawValue)
    }
  }
  const { prepareZXingModule, readBarcodes } = await import('zxing-wasm/reader')
  await prepareZXingModule({ overrides: { locateFile: () => __SCANNER__ }, fireImmediately: true })
  const c = document.createElement('canvas'), draw = c.getContext('2d', { willReadFrequently: true })
  return async video => {
    const k = Math.min(1, 1280 / video.videoWidth)
    c.width = video.videoWidth * k
    c.height = video.videoHeight * k
    draw.drawImage(video, 0, 0, c.width, c.height)
    return (await readBarcodes(draw.getImageData(0, 0, c.width, c.height), { formats: ['QRCode', 'DataMatrix', 'EAN-13', 'EAN-8', 'Code128'], maxNumberOfSymbols: 2 })).map(r => r.text)
  }
}

// A plot's sign carries its own address (…/place/{org}/{code}), or a season's.
export function seasonOf(text, seasons) {
  const m = /\/(place|season)\/[^/]+\/([A-Za-z0-9._-]+)/.exec(text) ?? /^()([A-Za-z0-9._-]+)$/.exec(text.trim())
  return m && seasons.find(s => (m[1] === 'place' ? s.plot === m[2] : s.code === m[2] || (!m[1] && s.plot === m[2])))
}

// An input's bottle: our own address, a GTIN (bare or in a Digital Link), or the 32 digits of a pesticide's label, of which the second to seventh are the
// last six of its registration number.
export function inputOf(text, inputs) {
  const own = /\/input\/[^/]+\/([A-Za-z0-9._-]+)/.exec(text)
  if (own) return inputs.find(i => i.code === own[1])
  const digits = /(?:^|\D)(\d{32})(?!\d)/.exec(text)?.[1]
  if (digits) return inputs.find(i => i.registrationNumber?.replace(/\D/g, '').slice(-6) === digits.slice(1, 7))
  const gtin = (/\/01\/(\d{14})/.exec(text)?.[1] ?? /^\D*(\d{8}|\d{12,14})$/.exec(text.trim())?.[1])?.padStart(14, '0')
  return inputs.find(i => (gtin && i.gtin?.padStart(14, '0') === gtin) || i.barcode === text.trim() || i.registrationNumber === text.trim())
}
