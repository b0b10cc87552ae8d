import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { makeStartAttempt } from '../../../agent/transport/attempt.ts'
import { endNodeDatachannel, startNodeDatachannel } from '../../../bench/transport-node-datachannel.ts'
import { openPair, receiveAll, sendAll } from './pair.ts'

after(endNodeDatachannel)

for (const transport of ['fast', 'werift'] as const) {
  const ours = makeStartAttempt({ transport })
  for (const [roles, startOffering, startAnswering] of [
    ['libdatachannel answers', ours, startNodeDatachannel],
    ['libdatachannel offers', startNodeDatachannel, ours],
  ] as const) {
    test(`${roles}, we use ${transport}: 64 and 256 KiB messages arrive both ways`, async (t) => {
      const { offering, answering } = await openPair(t, startOffering, startAnswering)
      const there = answering.channel.messages[Symbol.asyncIterator]()
      const back = offering.channel.messages[Symbol.asyncIterator]()
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

  test(`we see libdatachannel close the channel, over ${transport}`, async (t) => {
    const { offering, answering } = await openPair(t, startNodeDatachannel, ours)
    offering.channel.close()
    for await (const _ of answering.channel.messages) assert.fail('nothing was sent')
  })

  test(`libdatachannel sees us close the channel, over ${transport}`, async (t) => {
    const { offering, answering } = await openPair(t, startNodeDatachannel, ours)
    const sent = await sendAll(answering.channel, 4, 65_536)
    answering.channel.close()
    const messages = offering.channel.messages[Symbol.asyncIterator]()
    assert.equal(await receiveAll(messages, 4), sent)
    assert.equal((await messages.next()).done, true)
  })
}
