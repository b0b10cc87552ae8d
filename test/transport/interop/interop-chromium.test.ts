import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { connectChromium } from '../../../bench/transport/chromium.ts'
import { noBrowser, startBrowser, type TestBrowser } from '../../support/browser.ts'
import { sendAll, watchDatagrams } from '../attempt-pair.ts'
import { testChromium } from './chromium.ts'
import { FOREIGN_DATAGRAM_BYTES } from './interop.ts'

let browser: TestBrowser | undefined
before(async () => {
  if (!noBrowser) browser = await startBrowser()
})
after(() => browser?.close())

function startedBrowser(): TestBrowser {
  assert.ok(browser)
  return browser
}

testChromium('fast', startedBrowser)

test('datagrams to Chromium are as large as every stack takes', { skip: noBrowser }, async (t) => {
  const largest = watchDatagrams(t)
  const { channel, peer, close } = await connectChromium(startedBrowser(), 'fast', false)
  const [sent, received] = await Promise.all([sendAll(channel, 40, 65_536), peer.receive(40)])
  assert.equal(received, sent)
  assert.equal(largest(), FOREIGN_DATAGRAM_BYTES)
  close()
})
