import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import type { Browser } from 'playwright-core'
import { makeStartAttempt } from '../../../transport/webrtc-attempt.ts'
import { endNodeDatachannel, startNodeDatachannel } from '../../../bench/transport/node-datachannel.ts'
import { connectChromium, launchChromium, noChromium } from '../../../bench/transport/chromium.ts'
import { LONG_MESSAGE_BYTES, LONG_MESSAGES, testLongInterop } from './interop.ts'
import { receiveAll, sendAll } from '../attempt-pair.ts'
import { noWrtc, startWrtc } from './wrtc.ts'
import { messagesOf } from '../../support/messages-of.ts'

let browser: Browser | undefined
before(async () => {
  if (!noChromium) browser = await launchChromium()
})
after(async () => {
  endNodeDatachannel()
  await browser?.close()
})

testLongInterop('werift', makeStartAttempt({ transport: 'werift' }))
testLongInterop('libdatachannel', startNodeDatachannel)
testLongInterop('libwebrtc', startWrtc, noWrtc)

for (const isBrowserOffering of [true, false]) {
  const roles = isBrowserOffering ? 'Chromium offers' : 'Chromium answers'
  test(`${roles}: 100 MiB arrive each way, one after the other`, { skip: noChromium }, async () => {
    assert.ok(browser)
    const { channel, peer, close } = await connectChromium(browser, 'fast', isBrowserOffering)
    const [sent, received] = await Promise.all([
      sendAll(channel, LONG_MESSAGES, LONG_MESSAGE_BYTES),
      peer.receive(LONG_MESSAGES),
    ])
    assert.equal(received, sent)
    const [sentBack, receivedBack] = await Promise.all([
      peer.send(LONG_MESSAGES, LONG_MESSAGE_BYTES),
      receiveAll(messagesOf(channel), LONG_MESSAGES),
    ])
    assert.equal(receivedBack, sentBack)
    close()
  })
}
