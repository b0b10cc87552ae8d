/** Every other WebRTC stack with werift's own data path, which needs several times the CPU of ours. */
import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { endNodeDatachannel, startNodeDatachannel } from '../../../bench/transport/node-datachannel.ts'
import { noBrowser, startBrowser, type TestBrowser } from '../../support/browser.ts'
import { testChromium } from './chromium.ts'
import { testInterop } from './interop.ts'
import { noWrtc, startWrtc } from './wrtc.ts'

let browser: TestBrowser | undefined
before(async () => {
  if (!noBrowser) browser = await startBrowser()
})
after(async () => {
  endNodeDatachannel()
  await browser?.close()
})

testInterop('libdatachannel', startNodeDatachannel, false, ['werift'])
testInterop('libwebrtc', startWrtc, noWrtc, ['werift'])
testChromium('werift', () => {
  assert.ok(browser)
  return browser
})
