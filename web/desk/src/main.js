import { createApp } from 'vue'
import './style.css'
import App from './App.vue'
import { choose, chosen } from './t.js'
import { start } from './state.js'

choose(chosen())
createApp(App).mount('#app')
start()
