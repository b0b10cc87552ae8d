import assert from 'node:assert/strict'
import test from 'node:test'
import { TransportError } from '../../transport/transport-error.ts'
import { RESUME_BYTES, WebRtcChannel } from '../../transport/webrtc-channel.ts'
import { messagesOf } from '../support/messages-of.ts'

/** A channel over a carrier that sends nothing, and what the carrier was told. */
function makeChannel() {
  const state = { buffered: 0, consumed: 0, released: [] as (string | undefined)[] }
  const channel = new WebRtcChannel({
    send(message) {
      if (message.length === 13) throw new TransportError('internal', 'this length is refused')
      state.buffered += message.length
    },
    bufferedBytes: () => state.buffered,
    consumed: (bytes) => (state.consumed += bytes),
    release: (failure) => state.released.push(failure?.code),
  })
  return { channel, state }
}

test('send waits from 512 KiB on, and continues when the carrier has room', async () => {
  const { channel } = makeChannel()
  await channel.send(Buffer.alloc(2 * RESUME_BYTES - 1))
  let hasResolved = false
  const waiting = channel.send(Buffer.alloc(1)).then(() => (hasResolved = true))
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(hasResolved, false)
  channel.onRoom()
  await waiting
})

test('what the carrier refuses rejects that send alone', async () => {
  const { channel, state } = makeChannel()
  await assert.rejects(channel.send(Buffer.alloc(13)), { code: 'internal' })
  await channel.send(Buffer.alloc(1))
  assert.deepEqual(state.released, [])
})

test('closing ends the messages, rejects waiting sends and releases the carrier without a failure', async () => {
  const { channel, state } = makeChannel()
  const waiting = channel.send(Buffer.alloc(2 * RESUME_BYTES))
  channel.onMessage(Buffer.from('unread'), false)
  channel.close()
  await assert.rejects(waiting, { code: 'interrupted' })
  await assert.rejects(channel.send(Buffer.alloc(1)), { code: 'interrupted' })
  const seen: string[] = []
  for await (const message of messagesOf(channel)) seen.push(Buffer.from(message).toString())
  assert.deepEqual(seen, ['unread'])
  assert.deepEqual(state, { buffered: 2 * RESUME_BYTES, consumed: 6, released: [undefined] })
})

test('a text message fails the channel', async () => {
  const { channel, state } = makeChannel()
  channel.onMessage(Buffer.from('text'), true)
  await assert.rejects(messagesOf(channel).next(), { code: 'broken_protocol' })
  await assert.rejects(channel.send(Buffer.alloc(1)), { code: 'broken_protocol' })
  assert.deepEqual(state.released, ['broken_protocol'])
})

test('more than 32 MiB unread fail the channel', async () => {
  const { channel, state } = makeChannel()
  const message = Buffer.alloc(1024 * 1024)
  for (let mebibytes = 0; mebibytes < 32; mebibytes++) channel.onMessage(message, false)
  assert.deepEqual(state.released, [])
  channel.onMessage(Buffer.alloc(1), false)
  assert.deepEqual(state.released, ['broken_protocol'])
})

test('what arrives before a receiver is set is kept, in order, and counts as unread', async () => {
  const { channel, state } = makeChannel()
  for (const text of ['one', 'two']) channel.onMessage(Buffer.from(text), false)
  assert.equal(state.consumed, 0)
  const seen: string[] = []
  channel.receive({
    onMessage: (message) => seen.push(Buffer.from(message).toString()),
    onEnd: (error) => seen.push(String(error)),
  })
  channel.onMessage(Buffer.from('three'), false)
  channel.close()
  channel.onMessage(Buffer.from('late'), false)
  channel.close()
  assert.deepEqual(seen, ['one', 'two', 'three', 'undefined'])
})

test('a receiver that closes the channel during its first message still gets the others and one end', () => {
  const { channel } = makeChannel()
  for (const text of ['one', 'two']) channel.onMessage(Buffer.from(text), false)
  const seen: string[] = []
  channel.receive({
    onMessage(message) {
      seen.push(Buffer.from(message).toString())
      channel.close()
    },
    onEnd: () => seen.push('end'),
  })
  assert.deepEqual(seen, ['one', 'two', 'end'])
})

test('the carrier is told of each message that is consumed, which no longer counts as unread', () => {
  const { channel, state } = makeChannel()
  const message = Buffer.alloc(1024 * 1024)
  channel.receive({ onMessage: ({ length }) => channel.consumed(length), onEnd() {} })
  for (let mebibytes = 0; mebibytes < 100; mebibytes++) channel.onMessage(message, false)
  assert.deepEqual(state, { buffered: 0, consumed: 100 * message.length, released: [] })
})

test('only the first end counts, and a second receiver is refused', () => {
  const { channel } = makeChannel()
  const ends: (Error | undefined)[] = []
  const receiver = { onMessage() {}, onEnd: (error: Error | undefined) => void ends.push(error) }
  channel.receive(receiver)
  const lost = new TransportError('interrupted', 'lost')
  channel.end(lost)
  channel.end()
  assert.deepEqual(ends, [lost])
  assert.throws(() => channel.receive(receiver), { code: 'internal' })
})
