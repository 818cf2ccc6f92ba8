import { createApp } from 'vue'
import 'vant/es/button/style/index.mjs'
import 'vant/es/cell/style/index.mjs'
import 'vant/es/cell-group/style/index.mjs'
import 'vant/es/field/style/index.mjs'
import 'vant/es/tabbar/style/index.mjs'
import 'vant/es/tabbar-item/style/index.mjs'
import 'vant/es/tag/style/index.mjs'
import './style.css'
import App from './App.vue'
import { start, state } from './state.js'

createApp(App).mount('#app')
start()

// A new version waits until somebody says so, and then everything that was recorded is on the disk already.
// It is fetched when the first screen stands: it would take the processor of a small phone from it.
const idle = self.requestIdleCallback ?? (work => setTimeout(work, 1000))
if ('serviceWorker' in navigator) {
  const had = !!navigator.serviceWorker.controller
  idle(() => navigator.serviceWorker.register('/field/sw.js', { scope: '/field/' }).then(r => {
    const look = w => { if (w && had) w.state === 'installed' ? (state.update = w) : w.addEventListener('statechange', () => { if (w.state === 'installed') state.update = w }) }
    look(r.waiting)
    r.addEventListener('updatefound', () => look(r.installing))
    setInterval(() => navigator.onLine && r.update().catch(() => {}), 3600000)
  }).catch(() => {}), { timeout: 2000 })
  let gone = !had
  navigator.serviceWorker.addEventListener('controllerchange', () => { if (!gone) { gone = true; location.reload() } else gone = false })
}
