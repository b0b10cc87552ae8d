import assert from 'node:assert/strict'
import test from 'node:test'
import { startDataChannels, translatedAttempt } from '../../../agent/paths/data-channel.ts'
import type { Attempt, Candidate, Channel } from '../../../peer/channel.ts'
import { VoltdropError } from '../../../protocol/errors.ts'
import { TransportError } from '../../../transport/transport-error.ts'
import { messagesOf } from '../../support/messages-of.ts'

const FAILURE = new TransportError('interrupted', 'the peer ended the association')

/** Where the peers of these tests are. */
const PLACE = { onThisHost: true }

/** True for the VoltdropError that FAILURE becomes. */
function isTranslated(error: unknown): boolean {
  assert.ok(error instanceof VoltdropError)
  assert.deepEqual([error.code, error.detail, error.cause], [FAILURE.code, FAILURE.detail, FAILURE])
  return true
}

function failing(): Promise<never> {
  return Promise.reject(FAILURE)
}

/** An attempt whose calls all fail, and which records what reaches it. */
function attemptWith(opened: Attempt['opened'], calls: string[] = []): Attempt {
  return {
    opened,
    offer: failing,
    answer: failing,
    accept: failing,
    addCandidate: ({ candidate }) => void calls.push(candidate),
    close: () => void calls.push('attempt closed'),
  }
}

/** A channel that does nothing but what `calls` replaces. */
function channelWith(calls: Partial<Channel>): Channel {
  return { send: () => Promise.resolve(), receive() {}, consumed() {}, close() {}, ...calls }
}

/** The channel that an adapted attempt opens over `channel`. */
async function adapted(channel: Channel): Promise<Channel> {
  const path = { kind: 'direct', protocol: 'udp', roundTripMs: 1 } as const
  const opened = Promise.resolve({ channel, path: () => path })
  return (await translatedAttempt(attemptWith(opened)).opened).channel
}

test('each error of the transport library becomes a VoltdropError with the same code and detail', async () => {
  const attempt = translatedAttempt(attemptWith(failing()))
  await assert.rejects(attempt.opened, isTranslated)
  await assert.rejects(attempt.offer(), isTranslated)
  await assert.rejects(attempt.answer('', PLACE), isTranslated)
  await assert.rejects(attempt.accept('', PLACE), isTranslated)
  const channel = await adapted(channelWith({ send: failing, receive: ({ onEnd }) => onEnd(FAILURE) }))
  await assert.rejects(channel.send(Buffer.from('x')), isTranslated)
  await assert.rejects(messagesOf(channel).next(), isTranslated)
})

test('an error that is none of the library’s becomes an internal one', async () => {
  const fault = new RangeError('a fault')
  const attempt = translatedAttempt(attemptWith(Promise.reject(fault)))
  await assert.rejects(attempt.opened, { name: 'VoltdropError', code: 'internal', cause: fault })
})

test('messages, their consumption and an end without an error pass through unchanged', async () => {
  const consumed: number[] = []
  const channel = await adapted(
    channelWith({
      receive({ onMessage, onEnd }) {
        onMessage(Buffer.from('hello'))
        onEnd(undefined)
      },
      consumed: (bytes) => void consumed.push(bytes),
    }),
  )
  const messages = messagesOf(channel)
  assert.deepEqual(await messages.next(), { done: false, value: Buffer.from('hello') })
  assert.deepEqual(await messages.next(), { done: true, value: undefined })
  assert.deepEqual(consumed, [5])
})

test('candidates and closing pass through unchanged', async () => {
  const calls: string[] = []
  const attempt = translatedAttempt(attemptWith(failing(), calls))
  attempt.addCandidate({ candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0 })
  attempt.close()
  const channel = await adapted(channelWith({ close: () => void calls.push('channel closed') }))
  channel.close()
  assert.deepEqual(calls, ['candidate:1', 'attempt closed', 'channel closed'])
})

test('two agents open a channel, announce their datagrams, and closing it ends the other side’s messages', async (t) => {
  const start = startDataChannels({ transport: 'fast' })
  const settings = { iceServers: [], relayOnly: false }
  const a = start({ ...settings, onCandidate: (candidate: Candidate) => b.addCandidate(candidate) })
  const b = start({ ...settings, onCandidate: (candidate: Candidate) => a.addCandidate(candidate) })
  t.after(() => {
    a.close()
    b.close()
  })
  const offer = await a.offer()
  const answer = await b.answer(offer, PLACE)
  assert.match(offer, /^a=voltdrop-max-datagram:65507 offer\r$/m)
  assert.match(answer, /^a=voltdrop-max-datagram:65507 answer\r$/m)
  await a.accept(answer, PLACE)
  const [offering, answering] = await Promise.all([a.opened, b.opened])
  await offering.channel.send(Buffer.from('hello'))
  offering.channel.close()
  const received: string[] = []
  for await (const message of messagesOf(answering.channel)) received.push(Buffer.from(message).toString())
  assert.deepEqual(received, ['hello'])
  await assert.rejects(answering.channel.send(Buffer.from('late')), {
    name: 'VoltdropError',
    code: 'interrupted',
  })
})

test('an attempt that may only use a relay and has none is refused as no_path', async () => {
  const attempt = startDataChannels({ transport: 'fast' })({
    iceServers: [],
    relayOnly: true,
    onCandidate() {},
  })
  await assert.rejects(attempt.offer(), { name: 'VoltdropError', code: 'no_path' })
  await assert.rejects(attempt.opened, { name: 'VoltdropError', code: 'no_path' })
})
