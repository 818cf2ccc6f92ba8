import { createApp } from 'vue'
import './style.css'
import App from './App.vue'
import { choose, chosen } from './t.js'
import { start } from './state.js'

// What index.html shows stays until it is known who is here and the words have come; the lists are on their way by then.
Promise.all([choose(chosen()), start()]).then(() => createApp(App).mount('#app'))
