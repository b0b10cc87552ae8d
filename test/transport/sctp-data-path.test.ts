import assert from 'node:assert/strict'
import { createSecretKey } from 'node:crypto'
import test, { type TestContext } from 'node:test'
import { newReno } from '../../transport/sctp/congestion/new-reno.ts'
import { SctpDataPath } from '../../transport/sctp-data-path.ts'
import type { TraceEvent } from '../../transport/trace-events.ts'
import { TransportError } from '../../transport/transport-error.ts'
import type { WebRtcChannel } from '../../transport/webrtc-channel.ts'
import type { DtlsSession } from '../../transport/werift/dtls-session.ts'
import { IcePath } from '../../transport/werift/ice-path.ts'
import type { IceConnection } from '../../transport/werift/internals.ts'
import type { SocketGuard } from '../../transport/werift/socket-guard.ts'
import { messagesOf } from '../support/messages-of.ts'

type Guard = { takeRecords?: (datagram: Buffer) => void }

type Side = {
  readonly ice: IcePath
  /** Has ICE use another local address for the same peer. */
  readonly changePair: () => void
  readonly dataPath: SctpDataPath
  readonly opened: Promise<WebRtcChannel>
  readonly failures: TransportError[]
  readonly trace: TraceEvent[]
  isPeerClosed: boolean
}

/** What a DTLS handshake over `ice` leaves, with fixed keys. */
function session(ice: IcePath, isClient: boolean): DtlsSession {
  const [write, read] = isClient ? [1, 2] : [2, 1]
  let number = 255
  return {
    ice,
    keys: {
      writeKey: createSecretKey(Buffer.alloc(16, write)),
      readKey: createSecretKey(Buffer.alloc(16, read)),
      writeSalt: Buffer.alloc(4, write),
      readSalt: Buffer.alloc(4, read),
    },
    isClient,
    nextRecordNumber: () => ++number,
    repeatFlight() {},
    remoteSctpPort: 5_000,
    remoteMaxMessageBytes: 65_536,
    remoteMaxDatagramBytes: 1_400,
  }
}

/** One side over an ICE connection in memory; `send` carries a datagram to the other one. */
function makeSide(isOffering: boolean, guard: Guard, send: (datagram: Buffer) => void): Side {
  const pair = {
    protocol: {},
    localCandidate: { type: 'host', transport: 'udp', host: '127.0.0.1', port: 1 },
    remoteAddr: ['127.0.0.1', 2],
  }
  const connection = {
    nominated: pair,
    remoteCandidates: [],
    send: (datagram: Buffer) => Promise.resolve(send(datagram)),
  }
  const trace: TraceEvent[] = []
  const ice = new IcePath(connection as unknown as IceConnection, {
    guard: guard as SocketGuard,
    trace: (event) => trace.push(event),
    onClose: () => (side.isPeerClosed = true),
    onFailed: () => assert.fail('the data path listens'),
  })
  const opened = Promise.withResolvers<WebRtcChannel>()
  const failures: TransportError[] = []
  const dataPath = new SctpDataPath(session(ice, isOffering), {
    isOffering,
    label: 'data',
    congestion: newReno,
    maxMessageBytes: 65_536,
    trace: (event) => trace.push(event),
    onOpen: opened.resolve,
    onFailed: (error) => failures.push(error),
  })
  function changePair(): void {
    connection.nominated = { ...pair, localCandidate: { ...pair.localCandidate, host: '127.0.0.2' } }
  }
  const side: Side = {
    ice,
    changePair,
    dataPath,
    opened: opened.promise,
    failures,
    trace,
    isPeerClosed: false,
  }
  return side
}

function makePair(t: TestContext): { a: Side; b: Side } {
  const guards: { a: Guard; b: Guard } = { a: {}, b: {} }
  const a = makeSide(true, guards.a, (datagram) => setImmediate(() => guards.b.takeRecords?.(datagram)))
  const b = makeSide(false, guards.b, (datagram) => setImmediate(() => guards.a.takeRecords?.(datagram)))
  t.after(() => {
    a.dataPath.close()
    b.dataPath.close()
  })
  return { a, b }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5))
}

test('a message crosses every layer, and closing ends both sides', async (t) => {
  const { a, b } = makePair(t)
  const [offering, answering] = await Promise.all([a.opened, b.opened])
  await offering.send(Buffer.from('hello'))
  await assert.rejects(offering.send(Buffer.alloc(65_537)), { code: 'internal' })
  offering.close()
  const received: string[] = []
  for await (const message of messagesOf(answering)) received.push(Buffer.from(message).toString())
  assert.deepEqual(received, ['hello'])
  await until(() => a.isPeerClosed)
  assert.equal(b.isPeerClosed, false)
  answering.close()
  await until(() => b.isPeerClosed)
})

test('a receiver that closes the channel during a message ends both sides', async (t) => {
  const { a, b } = makePair(t)
  const [offering, answering] = await Promise.all([a.opened, b.opened])
  const received: string[] = []
  answering.receive({
    onMessage(message) {
      received.push(Buffer.from(message).toString())
      answering.close()
    },
    onEnd: (error) => received.push(String(error)),
  })
  const ended = messagesOf(offering).next()
  await Promise.all(['one', 'two', 'three'].map((text) => offering.send(Buffer.from(text))))
  assert.equal((await ended).done, true)
  offering.close()
  await until(() => a.isPeerClosed && b.isPeerClosed)
  assert.deepEqual(received, ['one', 'undefined'])
})

test('when ICE fails, an open channel fails as interrupted and everything below is closed', async (t) => {
  const { a, b } = makePair(t)
  const [channel] = await Promise.all([a.opened, b.opened])
  const reading = messagesOf(channel).next()
  a.ice.fail(new TransportError('no_path', 'consent has expired'))
  await assert.rejects(reading, { code: 'interrupted', detail: 'consent has expired' })
  await assert.rejects(channel.send(Buffer.from('x')), { code: 'interrupted' })
  await until(() => a.isPeerClosed)
  assert.ok(a.trace.some(({ event }) => event === 'connection_failed'))
})

test('when ICE fails before the channel is open, the failure is no_path and everything is closed', async (t) => {
  const { a, b } = makePair(t)
  for (const side of [a, b]) {
    side.ice.fail(new TransportError('no_path', 'the peer connection failed'))
    assert.equal(side.failures[0]?.code, 'no_path')
    await until(() => side.isPeerClosed)
  }
})

test('when ICE changes to another pair, the path MTU is searched again from the base', async (t) => {
  const { a, b } = makePair(t)
  await Promise.all([a.opened, b.opened])
  function sizes(): number[] {
    return a.trace.flatMap((event) => (event.event === 'path_mtu' ? [event.bytes] : []))
  }
  await until(() => sizes().length === 1)
  a.changePair()
  await until(() => sizes().length === 3)
  assert.deepEqual(sizes(), [1_400, 1_172, 1_400])
  assert.equal(a.trace.filter(({ event }) => event === 'pair_changed').length, 1)
})
