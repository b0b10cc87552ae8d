/** Headless Chromium for tests, where there is one. */
import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'
import { keep } from './keep.ts'

/** Chromium's headless shell is the same engine without a desktop's compositor: it takes less than half of the CPU. */
const EXECUTABLES = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'] as const
const executablePath = EXECUTABLES.find((path) => existsSync(path))

/** For the `skip` of a test: false, or why it cannot run here. */
export const noBrowser: false | string =
  executablePath === undefined ? `none of ${EXECUTABLES.join(', ')} here` : false

/** Sends no requests of its own to the outside, and gives WebRTC the addresses of this machine. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
]

export type TestBrowser = Pick<Browser, 'newContext' | 'newPage' | 'close'>

/** A browser with an empty profile, an earlier file's where there is one. `close` closes every page. */
export async function startBrowser(): Promise<TestBrowser> {
  const { value: browser, close } = await keep(
    'browser',
    () =>
      chromium.launch({ ...(executablePath === undefined ? {} : { executablePath }), headless: true, args }),
    (launched) => launched.close(),
  )
  return {
    newContext: (options) => browser.newContext(options),
    newPage: (options) => browser.newPage(options),
    close: async () => {
      await Promise.all(browser.contexts().map((context) => context.close()))
      await close()
    },
  }
}
