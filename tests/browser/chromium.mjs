// Chromium for the tests: its headless shell, the same engine without the window's parts, which starts in a fraction of the time; else the whole browser.
import fs from 'node:fs'
import { chromium } from 'playwright-core'

// For pictures the whole one: it alone shows a field for days in the language of the page.
const both = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium']
const executablePath = (process.env.SUYUAN_SHOTS ? both.reverse() : both).find(f => fs.existsSync(f))
const quiet = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--disable-dev-shm-usage', '--font-render-hinting=none']

export const axe = fs.readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')
const env = { ...process.env, LANGUAGE: 'zh_CN' }     // fields for days and files in Chinese, where chromium-l10n is installed
export const launched = ({ args = [], ...more } = {}) => chromium.launch({ executablePath, headless: true, env, args: [...quiet, ...args], ...more })
export const launchedIn = (folder, { args = [], ...more } = {}) => chromium.launchPersistentContext(folder, { executablePath, headless: true, env, args: [...quiet, ...args], ...more })
