/** Headless Chromium for tests of the page, where there is one. */
import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const executablePath = '/usr/bin/chromium'

/** For the `skip` of a test: false, or why it cannot run here. */
export const noBrowser: false | string = existsSync(executablePath) ? false : `no ${executablePath} here`

/** Asks nobody outside for anything. */
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Starts a browser with a new, empty profile, which goes when it is closed. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath, headless: true, args: quiet })
}
