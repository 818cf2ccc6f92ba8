// Keeps the app for days without a signal.  It sends nothing: the queue is emptied by the page, one at a time (outbox.js).
/* global SHELL, VERSION */
const shell = 'field-' + VERSION, later = 'field-later'

self.addEventListener('install', e => e.waitUntil((async () => {
  const cache = await caches.open(shell)
  for (const url of SHELL) {            // a hashed name that an older version has is not fetched again
    const old = url.includes('/assets/') && await caches.match(url)
    await (old ? cache.put(url, old) : cache.add(new Request(url, { cache: 'reload' })))
  }
})()))

self.addEventListener('activate', e => e.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith('field-') && name !== shell && name !== later) await caches.delete(name)
  await self.clients.claim()
})()))

self.addEventListener('message', e => { if (e.data === 'take over') self.skipWaiting() })

async function kept(request, name) {
  const found = await caches.match(request, { ignoreSearch: true, ignoreVary: true })
  if (found) return found
  const answer = await fetch(request)
  if (answer.ok && name) (await caches.open(name)).put(request, answer.clone())
  return answer
}

self.addEventListener('fetch', e => {
  const url = new URL(e.request.url)
  if (e.request.method !== 'GET' || url.origin !== location.origin || !url.pathname.startsWith('/field/')) return
  if (e.request.mode === 'navigate') e.respondWith(kept('/field/'))
  else e.respondWith(kept(e.request, url.pathname.startsWith('/field/assets/') ? later : null))
})
