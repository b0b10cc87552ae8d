import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import type { TransportKind } from '../../../transport/attempt.ts'
import { connectChromium } from '../../../bench/transport/chromium.ts'
import { noBrowser, startBrowser, type TestBrowser } from '../../support/browser.ts'
import { STRANGERS_DATAGRAM_BYTES } from './interop.ts'
import { receiveAll, sendAll, watchDatagrams } from '../pair.ts'

let browser: TestBrowser | undefined
before(async () => {
  if (!noBrowser) browser = await startBrowser()
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
      `${roles}, we use ${transport}: 64 and 256 KiB messages arrive both ways`,
      { skip: noBrowser },
      async () => {
        const { channel, peer, close } = await connect(transport, isBrowserOffering)
        for (const [count, bytes] of [
          [40, 65_536],
          [8, 262_144],
        ] as const) {
          const [sent, received] = await Promise.all([sendAll(channel, count, bytes), peer.receive(count)])
          assert.equal(received, sent)
        }
        const messages = channel.messages
        const [sent, received] = await Promise.all([peer.send(48, 65_536), receiveAll(messages, 48)])
        assert.equal(received, sent)
        close()
        await peer.closed()
      },
    )
  }

  test(`we see Chromium close the channel, over ${transport}`, { skip: noBrowser }, async () => {
    const { channel, peer, close } = await connect(transport, false)
    await peer.closeChannel()
    for await (const _ of channel.messages) assert.fail('nothing was sent')
    close()
  })
}

test('Chromium gets the largest datagrams that every stack takes', { skip: noBrowser }, async (t) => {
  const { channel, peer, close } = await connect('fast', false)
  const largest = watchDatagrams(t)
  const [sent, received] = await Promise.all([sendAll(channel, 40, 65_536), peer.receive(40)])
  assert.equal(received, sent)
  assert.equal(largest(), STRANGERS_DATAGRAM_BYTES)
  close()
})
