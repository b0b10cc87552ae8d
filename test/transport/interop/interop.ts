/** Tests that every other WebRTC stack passes with both data paths, in both roles; over werift's own path they are long. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { makeStartAttempt, type TransportKind } from '../../../transport/webrtc-attempt.ts'
import type { StartAttempt } from '../../../transport/contract.ts'
import { openPair, receiveAll, sendAll, watchDatagrams } from '../attempt-pair.ts'
import { messagesOf } from '../../support/messages-of.ts'

/** Defines the tests of the stack `theirs`, called `name`, over `transports`; `skip` says why they cannot run here. */
export function testInterop(
  name: string,
  theirs: StartAttempt,
  skip: string | false = false,
  transports: readonly TransportKind[] = ['fast'],
): void {
  for (const transport of transports) {
    const ours = makeStartAttempt({ transport })
    for (const [roles, startOffering, startAnswering] of [
      [`${name} answers`, ours, theirs],
      [`${name} offers`, theirs, ours],
    ] as const) {
      const title = `${roles}, over ${transport}: messages of 64 and 256 KiB arrive both ways`
      test(title, { skip }, async (t) => {
        const { offering, answering } = await openPair(t, startOffering, startAnswering)
        const there = messagesOf(answering.channel)
        const back = messagesOf(offering.channel)
        for (const [count, bytes] of [
          [40, 65_536],
          [10, 262_144],
        ] as const) {
          const [sent, received, sentBack, receivedBack] = await Promise.all([
            sendAll(offering.channel, count, bytes),
            receiveAll(there, count),
            sendAll(answering.channel, count, bytes),
            receiveAll(back, count),
          ])
          assert.equal(received, sent)
          assert.equal(receivedBack, sentBack)
        }
      })
    }

    test(`when ${name} closes the channel, its messages end here, over ${transport}`, { skip }, async (t) => {
      const { offering, answering } = await openPair(t, theirs, ours)
      offering.channel.close()
      for await (const _ of messagesOf(answering.channel)) assert.fail('nothing was sent')
    })

    test(
      `when the channel is closed here, ${name} gets what was sent and then its end, over ${transport}`,
      { skip },
      async (t) => {
        const { offering, answering } = await openPair(t, theirs, ours)
        const sent = await sendAll(answering.channel, 4, 65_536)
        answering.channel.close()
        const messages = messagesOf(offering.channel)
        assert.equal(await receiveAll(messages, 4), sent)
        assert.equal((await messages.next()).done, true)
      },
    )
  }
  if (transports.includes('fast')) testPathMtu(name, theirs, skip)
}

/** What the stack with the lowest limit takes: a record of 2,048 bytes and what DTLS adds. */
export const FOREIGN_DATAGRAM_BYTES = 2_085

function testPathMtu(name: string, theirs: StartAttempt, skip: string | false): void {
  test(`datagrams to ${name} are as large as every stack takes`, { skip }, async (t) => {
    const largest = watchDatagrams(t)
    const { offering, answering } = await openPair(t, makeStartAttempt({ transport: 'fast' }), theirs)
    const [sent, received] = await Promise.all([
      sendAll(offering.channel, 40, 65_536),
      receiveAll(messagesOf(answering.channel), 40),
    ])
    assert.equal(received, sent)
    assert.equal(largest(), FOREIGN_DATAGRAM_BYTES)
  })
}

/** Messages of 256 KiB that make 100 MiB. */
export const LONG_MESSAGES = 400
export const LONG_MESSAGE_BYTES = 262_144

/** Defines the tests that carry 100 MiB each way, in both roles, over this library's data path. */
export function testLongInterop(name: string, theirs: StartAttempt, skip: string | false = false): void {
  const ours = makeStartAttempt({ transport: 'fast' })
  for (const [roles, startOffering, startAnswering] of [
    [`${name} answers`, ours, theirs],
    [`${name} offers`, theirs, ours],
  ] as const) {
    test(`${roles}: 100 MiB arrive each way, one after the other`, { skip }, async (t) => {
      const { offering, answering } = await openPair(t, startOffering, startAnswering)
      for (const [from, to] of [
        [offering, answering],
        [answering, offering],
      ] as const) {
        const [sent, received] = await Promise.all([
          sendAll(from.channel, LONG_MESSAGES, LONG_MESSAGE_BYTES),
          receiveAll(messagesOf(to.channel), LONG_MESSAGES),
        ])
        assert.equal(received, sent)
      }
    })
  }
}
