// Canonical JSON (RFC 8785), with numbers as plain decimals.  Pure.
export function canonical(v) {
  if (Array.isArray(v)) return '[' + v.map(canonical).join(',') + ']'
  if (v && typeof v === 'object') return '{' + Object.keys(v).filter(k => v[k] !== undefined).sort().map(k => JSON.stringify(k) + ':' + canonical(v[k])).join(',') + '}'
  return typeof v === 'number' && /e/.test(String(v)) ? v.toFixed(20).replace(/\.?0+$/, '') : JSON.stringify(v)
}
