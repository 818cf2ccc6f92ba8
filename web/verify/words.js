// What the page says, in its language: src/pages/strings.def by way of one small file, and the names of organisations out of the page itself.
const said = new Map()

export async function readWords(url) {
  const answer = await fetch(url)
  for (const [key, text] of Object.entries(await answer.json())) said.set(key, text)
}

export function words(key, ...values) {
  return (said.get(key) ?? '').replace(/\{\}/g, () => values.shift() ?? '')
}

export function orgName(code) {
  const all = document.querySelector('#check-orgs').content.children
  return [...all].find(i => i.dataset.k === code)?.textContent ?? code
}

// Chinese sentences follow each other without a space.
export const sentences = list => list.filter(Boolean).join(document.documentElement.lang === 'en' ? ' ' : '')
