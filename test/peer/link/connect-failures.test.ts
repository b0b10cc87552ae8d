/** Connecting with an attacker in the middle, to another version, without the room, or cancelled: never a wrong link, always a reason. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connect } from '../../../peer/link/connect.ts'
import type { ConnectOptions } from '../../../peer/link/connect.ts'
import { VoltdropError } from '../../../protocol/errors.ts'
import { encodeBye, encodeError } from '../../../protocol/transfer/closing-frames.ts'
import { encodeHello } from '../../../protocol/transfer/opening-frames.ts'
import { nodeAead, nodeCiphers } from '../../support/peer/aead.ts'
import { FakeNetwork } from '../../support/peer/attempts.ts'
import { flip } from '../../support/peer/channel-pair.ts'
import type { ChannelPair } from '../../support/peer/channel-pair.ts'
import { checkConnected, ended, hello, startConnecting } from '../../support/peer/connections.ts'
import type { Ended } from '../../support/peer/connections.ts'
import { metPair } from '../../support/peer/meetings.ts'

const attacks: Record<string, (pair: ChannelPair) => void> = {
  'a peer without the keys': (pair) => {
    for (const lane of [pair.aToB, pair.bToA])
      lane.fault = (message) => [new Uint8Array(message.length).fill(1)]
  },
  'a hello that is changed in transit': (pair) => {
    pair.aToB.fault = flip(0, 9)
  },
}

for (const [name, disturb] of Object.entries(attacks)) {
  test(`${name} never becomes a connection: every attempt ends as tampered, or a clean one is used`, async () => {
    const fate = { openAfterMs: 10, disturb }
    const all = await startConnecting([fate, fate, fate])
    await all.clock.advance(20_000)
    const ends = [await all.sender, await all.receiver]
    assert.ok(ends.every(({ connection }) => !connection))
    assert.ok(
      ends.some(({ failure }) => failure === 'tampered'),
      JSON.stringify(ends),
    )
    const once = await startConnecting([fate, { openAfterMs: 10 }])
    await once.clock.advance(3_100)
    await checkConnected(once, 1)
  })
}

test("a receiver's hello changed in transit interrupts its link, and the sender ends as tampered", async () => {
  function disturb(pair: ChannelPair): void {
    return void (pair.bToA.fault = flip(0, 9))
  }
  const { sender, receiver, clock, meetings } = await startConnecting([{ openAfterMs: 10, disturb }])
  await clock.advance(10)
  const link = (await receiver).connection?.link ?? assert.fail('the receiver has answered')
  await assert.rejects(link.messages[Symbol.asyncIterator]().next(), { code: 'interrupted' })
  meetings.receiver.close()
  await clock.advance(5_000)
  assert.deepEqual(await sender, { failure: 'tampered' })
  assert.equal(clock.pending, 0)
})

/** On a path with delay, what is not delivered before the channel closes is lost. */
function slow({ aToB, bToA }: ChannelPair): void {
  aToB.delayMs = bToA.delayMs = 20
}

/** Replaces the hello of one side with another message, correctly sealed. */
async function sayInstead(side: 'sender' | 'receiver', message: Uint8Array): Promise<Ended[]> {
  const { room: _, clock, ...meetings } = await metPair()
  const network = new FakeNetwork(clock, [{ openAfterMs: 10, disturb: slow }])
  const ends = (['sender', 'receiver'] as const).map((role) => {
    const startAttempt = role === 'sender' ? network.startOffering : network.startAnswering
    const aead: ConnectOptions['primitives']['aead'] = (key) => {
      const real = nodeAead(key)
      // The first record that a side seals on a link is its hello.
      let first = role === side
      return {
        seal(nonce, associated, plain) {
          const content = first ? message : plain
          first = false
          return real.seal(nonce, associated, content)
        },
        open: (nonce, associated, sealed) => real.open(nonce, associated, sealed),
      }
    }
    return ended(
      connect({ clock, primitives: { aead }, startAttempt, meeting: meetings[role], hello: hello(role) }),
    )
  })
  await clock.advance(20_000)
  const results = await Promise.all(ends)
  for (const { connection } of results) connection?.link.abort(new VoltdropError('cancelled'))
  assert.equal(clock.pending, 0)
  return results
}

test('a hello of another version ends both sides as incompatible', async () => {
  const other = encodeHello({ ...hello('newer'), version: 2 as 1 })
  assert.deepEqual(await sayInstead('sender', other), [
    { failure: 'incompatible' },
    { failure: 'incompatible' },
  ])
  const [sender] = await sayInstead('receiver', other)
  assert.deepEqual(sender, { failure: 'incompatible' })
})

test('an error in place of a hello is reported as it is, any other message as broken_protocol', async () => {
  assert.deepEqual((await sayInstead('receiver', encodeError('incompatible')))[0], {
    failure: 'incompatible',
  })
  assert.deepEqual((await sayInstead('sender', encodeBye()))[1], { failure: 'broken_protocol' })
  assert.deepEqual((await sayInstead('receiver', encodeBye()))[0], { failure: 'broken_protocol' })
})

test('a peer that leaves the room before a link is open is given up after five seconds', async () => {
  const { sender, receiver, clock, meetings } = await startConnecting([])
  await clock.advance(1_000)
  meetings.receiver.close()
  await clock.advance(5_000)
  assert.deepEqual(await sender, { failure: 'interrupted' })
  assert.deepEqual(await receiver, { failure: 'interrupted' })
  assert.equal(clock.pending, 0)
})

test('an attempt in progress can still succeed after the room is gone', async () => {
  const connecting = await startConnecting([{ openAfterMs: 2_000 }])
  await connecting.clock.advance(1_000)
  connecting.room.host.closeByRoom('meeting_timeout')
  connecting.room.guest.closeByRoom('meeting_timeout')
  await connecting.clock.advance(1_000)
  await checkConnected(connecting, 0)
})

test('a signal that was changed, or that the peer may not send, ends connecting at once', async () => {
  const changed = await startConnecting([])
  changed.room.host.receiveFromPeer(new Uint8Array(40).fill(5))
  assert.deepEqual(await changed.sender, { failure: 'tampered' })
  const wrong = await startConnecting([])
  const sdp = await wrong.network.offering[0]?.offer()
  await wrong.meetings.receiver.signals.send({ type: 'offer', attempt: 1, sdp: sdp ?? '' })
  assert.deepEqual(await wrong.sender, { failure: 'broken_protocol' })
})

test('a room that later reports a failed confirmation ends connecting as wrong_code', async () => {
  const { sender, room } = await startConnecting([])
  room.host.closeByRoom('wrong_code')
  assert.deepEqual(await sender, { failure: 'wrong_code' })
})

test('aborting ends connecting as cancelled and closes every attempt', async () => {
  const controller = new AbortController()
  const { sender, receiver, clock, network } = await startConnecting([], { signal: controller.signal })
  await clock.advance(3_500)
  controller.abort()
  assert.deepEqual([await sender, await receiver], [{ failure: 'cancelled' }, { failure: 'cancelled' }])
  assert.ok([...network.offering, ...network.answering].every(({ closed }) => closed))
  assert.equal(clock.pending, 0)
})

test('a transport that cannot start is an internal error', async () => {
  const { sender, clock } = await metPair()
  function startAttempt(): never {
    return assert.fail('no transport')
  }
  const failing = connect({
    primitives: nodeCiphers,
    clock,
    meeting: sender,
    startAttempt,
    hello: hello('sends'),
  })
  await assert.rejects(failing, { code: 'internal' })
  assert.equal(clock.pending, 0)
})

test('a receiver whose hello cannot be sent gets no connection and closes every attempt', async () => {
  function disturb({ b }: ChannelPair): void {
    b.send = () => Promise.reject(new Error('the transport failed'))
  }
  const { receiver, sender, clock, network, meetings } = await startConnecting([{ openAfterMs: 10, disturb }])
  await clock.advance(10)
  assert.deepEqual(await receiver, { failure: 'interrupted' })
  assert.ok(network.answering.every(({ closed }) => closed))
  meetings.receiver.close()
  await clock.advance(5_000)
  assert.deepEqual(await sender, { failure: 'interrupted' })
  assert.equal(clock.pending, 0)
})

test('a room that is gone before the first offer is reported as interrupted, not no_path', async () => {
  const { sender, clock } = await metPair()
  const network = new FakeNetwork(clock, [])
  sender.close()
  const { startOffering: startAttempt } = network
  const ending = ended(
    connect({ primitives: nodeCiphers, clock, meeting: sender, startAttempt, hello: hello('sends') }),
  )
  await clock.advance(5_000)
  assert.deepEqual(await ending, { failure: 'interrupted' })
  assert.equal(clock.pending, 0)
})
