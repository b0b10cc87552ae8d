import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import type { Browser } from 'playwright-core'
import type { TransportKind } from '../../../transport/webrtc-attempt.ts'
import { connectChromium, launchChromium, noChromium } from '../../../bench/transport/chromium.ts'
import { FOREIGN_DATAGRAM_BYTES } from './interop.ts'
import { receiveAll, sendAll, watchDatagrams } from '../attempt-pair.ts'
import { messagesOf } from '../../support/messages-of.ts'

let browser: Browser | undefined
before(async () => {
  if (!noChromium) browser = await launchChromium()
})
after(() => browser?.close())

function connect(transport: TransportKind, isBrowserOffering: boolean) {
  assert.ok(browser)
  return connectChromium(browser, transport, isBrowserOffering)
}

for (const transport of ['fast', 'werift'] as const) {
  for (const isBrowserOffering of [true, false]) {
    const roles = isBrowserOffering ? 'Chromium offers' : 'Chromium answers'
    test(
      `${roles}, over ${transport}: messages of 64 and 256 KiB arrive both ways`,
      { skip: noChromium },
      async () => {
        const { channel, peer, close } = await connect(transport, isBrowserOffering)
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
    { skip: noChromium },
    async () => {
      const { channel, peer, close } = await connect(transport, false)
      await peer.closeChannel()
      for await (const _ of messagesOf(channel)) assert.fail('nothing was sent')
      close()
    },
  )
}

test('datagrams to Chromium are as large as every stack takes', { skip: noChromium }, async (t) => {
  const { channel, peer, close } = await connect('fast', false)
  const largest = watchDatagrams(t)
  const [sent, received] = await Promise.all([sendAll(channel, 40, 65_536), peer.receive(40)])
  assert.equal(received, sent)
  assert.equal(largest(), FOREIGN_DATAGRAM_BYTES)
  close()
})
