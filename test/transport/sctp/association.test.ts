/** Opening, messages of every size, windows, and the ways an association can end. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { TransportError } from '../../../transport/transport-error.ts'
import { ChunkType } from '../../../transport/sctp/wire/packet.ts'
import { makePair, openPair, type Pair, patterned } from './pair.ts'

function bothAre({ a, b }: Pair, state: string): boolean {
  return a.association.state === state && b.association.state === state
}

/** Sends and runs until it has all come; returns what came. */
function exchange(pair: Pair, payloads: readonly Uint8Array[], limitMs = 60_000): Uint8Array[] {
  const { a, b, time } = pair
  for (const payload of payloads) a.association.send(0, 53, payload)
  assert.ok(time.run(time.nowMs + limitMs, () => b.received.length === payloads.length))
  return b.received.map((message) => message.payload)
}

test('an association opens from either side, or from both at once or one after the other', () => {
  for (const delayMs of [undefined, 0, 3, 10, 35]) {
    const pair = makePair()
    pair.a.association.connect()
    if (delayMs !== undefined) pair.time.after(delayMs, () => pair.b.association.connect())
    assert.ok(pair.time.run(5_000, () => bothAre(pair, 'open')))
    assert.deepEqual(pair.a.states, ['connecting', 'open'])
    assert.deepEqual(
      pair.b.states,
      delayMs === undefined || delayMs === 35 ? ['open'] : ['connecting', 'open'],
    )
    pair.b.association.send(1, 51, patterned(5_000, 9))
    assert.deepEqual(exchange(pair, [patterned(3_000, 1)]), [patterned(3_000, 1)])
    assert.ok(pair.time.run(5_000, () => pair.a.received.length === 1))
  }
})

test('the handshake survives the loss of any one of its packets', () => {
  for (let lost = 0; lost < 4; lost++) {
    const pair = makePair()
    let seen = 0
    for (const link of [pair.ab, pair.ba]) {
      const send = link.send.bind(link)
      link.send = (packet) => {
        if (seen++ !== lost) send(packet)
      }
    }
    pair.a.association.connect()
    assert.ok(
      pair.time.run(5_000, () => bothAre(pair, 'open')),
      `packet ${lost}`,
    )
  }
})

test('an association whose INIT is never answered fails within 30 s', () => {
  const pair = makePair({ ab: { delayMs: 1, loss: 1 } })
  pair.a.association.connect()
  assert.ok(pair.time.run(30_000, () => pair.a.association.state === 'failed'))
  assert.equal(pair.a.reason?.code, 'no_path')
  assert.equal(pair.time.pending, 0)
})

test('messages from 1 byte to 5 MiB arrive unchanged', () => {
  const pair = openPair({ ab: { delayMs: 1 } })
  const payloads = [1, 2, 1_171, 1_172, 1_173, 65_535, 65_536, 262_144, 1_048_577, 5 << 20].map(patterned)
  exchange(pair, payloads).forEach((payload, index) =>
    assert.ok(payloads[index]?.equals(payload), `message ${index}`),
  )
})

test('TSNs wrap around at 2^32 and pass powers of ten under loss and reordering', () => {
  for (const edge of [2 ** 32, 2 ** 31, 1_000_000_000, 1_000_000, 10_000, 100]) {
    const initialTsn = (edge - 60) >>> 0
    const pair = openPair({
      seed: edge,
      ab: { delayMs: 5, loss: 0.05, jitterMs: 4 },
      a: { initialTsn },
      b: { initialTsn },
    })
    const payloads = Array.from({ length: 20 }, (_, index) => patterned(9_000, index))
    assert.deepEqual(exchange(pair, payloads), payloads)
  }
})

test('a message sent before the association is open arrives once it is', () => {
  const pair = makePair()
  pair.a.association.send(3, 51, patterned(10, 1), true)
  pair.a.association.connect()
  assert.ok(pair.time.run(1_000, () => pair.b.received.length === 1))
  assert.deepEqual(pair.b.received[0], { streamId: 3, ppid: 51, payload: patterned(10, 1) })
})

test('a receiver that consumes nothing stops the sender, which continues once it does', () => {
  const pair = openPair({ b: { receiveWindowBytes: 100_000, maxMessageBytes: 20_000 } })
  const { a, b, time } = pair
  b.onMessage = () => {}
  for (let index = 0; index < 100; index++) a.association.send(0, 53, patterned(10_000, index))
  time.run(time.nowMs + 120_000)
  assert.equal(a.association.state, 'open')
  assert.equal(b.receivedBytes, 100_000)
  for (const message of b.received) b.association.consumed(message.payload.length)
  b.onMessage = (message) => b.association.consumed(message.payload.length)
  assert.ok(time.run(time.nowMs + 3_000, () => b.received.length === 100))
  assert.ok(a.association.stats.timeouts < 40)
})

test('a lost window update does not stop the transfer: the sender probes the closed window', () => {
  const pair = openPair({ b: { receiveWindowBytes: 100_000, maxMessageBytes: 20_000 } })
  const { a, b, ba, time } = pair
  b.onMessage = () => {}
  for (let index = 0; index < 20; index++) a.association.send(0, 53, patterned(10_000, index))
  time.run(time.nowMs + 20_000)
  ba.isCut = true
  for (const message of b.received) b.association.consumed(message.payload.length)
  b.onMessage = (message) => b.association.consumed(message.payload.length)
  time.run(time.nowMs + 100)
  ba.isCut = false
  assert.ok(time.run(time.nowMs + 25_000, () => b.received.length === 20))
})

test('an association fails when its peer stops acknowledging, and leaves no timer running', () => {
  const pair = openPair()
  pair.a.association.send(0, 53, patterned(50_000, 1))
  pair.ba.isCut = true
  assert.ok(pair.time.run(200_000, () => pair.a.association.state === 'failed'))
  assert.equal(pair.a.reason?.code, 'interrupted')
  assert.ok(pair.a.association.stats.timeouts > 5)
  pair.b.association.abort()
  pair.time.run(pair.time.nowMs + 1_000)
  assert.equal(pair.time.pending, 0)
})

test('heartbeats detect that an idle peer has disappeared', () => {
  const pair = openPair()
  pair.time.run(pair.time.nowMs + 60_000)
  assert.equal(pair.a.association.state, 'open')
  pair.ab.isCut = true
  pair.ba.isCut = true
  assert.ok(pair.time.run(pair.time.nowMs + 150_000, () => bothAre(pair, 'failed')))
  assert.equal(pair.time.pending, 0)
})

test('close delivers everything accepted before it on both sides, whichever side closes', () => {
  for (const who of ['a', 'b', 'both'] as const) {
    const pair = openPair({ seed: 5, ab: { delayMs: 20, loss: 0.1 } })
    const { a, b } = pair
    a.association.send(0, 53, patterned(200_000, 1))
    b.association.send(0, 53, patterned(100_000, 2))
    if (who !== 'b') a.association.close()
    if (who !== 'a') b.association.close()
    assert.ok(
      pair.time.run(60_000, () => bothAre(pair, 'closed')),
      who,
    )
    assert.deepEqual([a.receivedBytes, b.receivedBytes], [100_000, 200_000])
    assert.throws(() => a.association.send(0, 53, patterned(1, 1)), { code: 'interrupted' })
    pair.time.run(pair.time.nowMs + 60_000)
    assert.equal(pair.time.pending, 0)
  }
})

test('after a lost SHUTDOWN COMPLETE both sides still close', () => {
  const pair = openPair()
  const send = pair.ab.send.bind(pair.ab)
  let lost = 0
  pair.ab.send = (packet) => {
    if (packet[12] === ChunkType.shutdownComplete && lost++ === 0) return
    send(packet)
  }
  pair.a.association.close()
  assert.ok(pair.time.run(5_000, () => bothAre(pair, 'closed')))
  assert.equal(lost, 2)
})

test('abort ends both sides at once', () => {
  const pair = openPair()
  pair.a.association.send(0, 53, patterned(200_000, 1))
  pair.a.association.abort()
  assert.equal(pair.a.association.state, 'closed')
  pair.time.run(pair.time.nowMs + 11)
  assert.equal(pair.b.association.state, 'closed')
  assert.equal(pair.b.reason?.code, 'interrupted')
  pair.time.run(pair.time.nowMs + 60_000)
  assert.equal(pair.time.pending, 0)
})

test('a message above the limit ends the association on both sides', () => {
  const pair = openPair({ b: { maxMessageBytes: 65_536 } })
  pair.a.association.send(0, 53, patterned(65_537, 1))
  assert.ok(pair.time.run(5_000, () => bothAre(pair, 'failed')))
  assert.equal(pair.b.reason?.code, 'broken_protocol')
  assert.equal(pair.b.received.length, 0)
})

test('send rejects empty messages and streams that do not exist', () => {
  const { a } = openPair()
  assert.throws(() => a.association.send(0, 53, new Uint8Array(0)), TransportError)
  assert.throws(() => a.association.send(65_535, 53, patterned(1, 1)), TransportError)
})

test('onRoom is called once each time the queue falls back to its threshold', () => {
  const pair = openPair({ a: { roomBytes: 20_000 } })
  const { a, time } = pair
  a.association.send(0, 53, patterned(20_000, 1))
  time.run(time.nowMs + 1_000)
  assert.equal(a.rooms, 0)
  for (let index = 0; index < 3; index++) a.association.send(0, 53, patterned(20_000, 1))
  assert.equal(a.association.bufferedBytes, 60_000)
  time.run(time.nowMs + 1_000)
  assert.equal(a.rooms, 1)
  assert.equal(a.association.bufferedBytes, 0)
})

test('checksums are omitted only when both sides have offered it', () => {
  for (const [first, second] of [
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ] as const) {
    const pair = openPair({ a: { zeroChecksum: first }, b: { zeroChecksum: second } })
    const zeros: boolean[] = []
    const send = pair.ab.send.bind(pair.ab)
    pair.ab.send = (packet) => {
      zeros.push(Buffer.from(packet).readUInt32LE(8) === 0)
      send(packet)
    }
    exchange(pair, [patterned(5_000, 1)])
    assert.ok(zeros.length > 3 && zeros.every((isZero) => isZero === (first && second)))
    assert.equal(pair.a.association.stats.zeroChecksum, first && second)
  }
})

test('packets may be any kind of Uint8Array', () => {
  const pair = openPair()
  const send = pair.ab.send.bind(pair.ab)
  pair.ab.send = (packet) => send(new Uint8Array(packet))
  assert.deepEqual(exchange(pair, [patterned(70_000, 1)]), [patterned(70_000, 1)])
})

test('the end of the layer below ends the association: orderly without a reason, else as a failure', () => {
  const { a, b, time } = openPair()
  a.layer.end()
  assert.equal(a.association.state, 'closed')
  const reason = new TransportError('interrupted', 'the path is gone')
  b.layer.end(reason)
  assert.deepEqual([b.association.state, b.reason], ['failed', reason])
  time.run(time.nowMs + 60_000)
  assert.equal(time.pending, 0)
})
