import assert from 'node:assert/strict'
import test from 'node:test'
import { TransportError } from '../../transport/transport-error.ts'
import { RESUME_BYTES, WebRtcChannel } from '../../transport/webrtc-channel.ts'

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
  channel.receive(Buffer.from('unread'), false)
  channel.close()
  await assert.rejects(waiting, { code: 'interrupted' })
  await assert.rejects(channel.send(Buffer.alloc(1)), { code: 'interrupted' })
  const seen: string[] = []
  for await (const message of channel.messages) seen.push(Buffer.from(message).toString())
  assert.deepEqual(seen, ['unread'])
  assert.deepEqual(state, { buffered: 2 * RESUME_BYTES, consumed: 6, released: [undefined] })
})

test('a text message fails the channel', async () => {
  const { channel, state } = makeChannel()
  channel.receive(Buffer.from('text'), true)
  await assert.rejects(channel.messages[Symbol.asyncIterator]().next(), { code: 'broken_protocol' })
  await assert.rejects(channel.send(Buffer.alloc(1)), { code: 'broken_protocol' })
  assert.deepEqual(state.released, ['broken_protocol'])
})

test('more than 32 MiB unread fail the channel', async () => {
  const { channel, state } = makeChannel()
  const message = Buffer.alloc(1024 * 1024)
  for (let mebibytes = 0; mebibytes < 32; mebibytes++) channel.receive(message, false)
  assert.deepEqual(state.released, [])
  channel.receive(Buffer.alloc(1), false)
  assert.deepEqual(state.released, ['broken_protocol'])
})
