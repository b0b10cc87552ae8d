/** Tests that Chromium passes with either data path, in both roles. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { connectChromium } from '../../../bench/transport/chromium.ts'
import type { TransportKind } from '../../../transport/webrtc-attempt.ts'
import { noBrowser, type TestBrowser } from '../../support/browser.ts'
import { messagesOf } from '../../support/messages-of.ts'
import { receiveAll, sendAll } from '../attempt-pair.ts'

/** Defines the tests; `browser` is called by each of them. */
export function testChromium(transport: TransportKind, browser: () => TestBrowser): void {
  for (const isBrowserOffering of [true, false]) {
    const roles = isBrowserOffering ? 'Chromium offers' : 'Chromium answers'
    test(
      `${roles}, over ${transport}: messages of 64 and 256 KiB arrive both ways`,
      { skip: noBrowser },
      async () => {
        const { channel, peer, close } = await connectChromium(browser(), transport, isBrowserOffering)
        for (const [count, bytes] of [
          [40, 65_536],
          [8, 262_144],
        ] as const) {
          const [sent, received] = await Promise.all([sendAll(channel, count, bytes), peer.receive(count)])
          assert.equal(received, sent)
        }
        const messages = messagesOf(channel)
        const [sent, received] = await Promise.all([peer.send(48, 65_536), receiveAll(messages, 48)])
        assert.equal(received, sent)
        close()
        await peer.closed()
      },
    )
  }

  test(
    `when Chromium closes the channel, its messages end here, over ${transport}`,
    { skip: noBrowser },
    async () => {
      const { channel, peer, close } = await connectChromium(browser(), transport, false)
      await peer.closeChannel()
      for await (const _ of messagesOf(channel)) assert.fail('nothing was sent')
      close()
    },
  )
}
