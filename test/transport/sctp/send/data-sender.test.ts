/** What an association sends, and what it does when SACKs report losses, are invalid, renege or stay away. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { DataFlag } from '../../../../transport/sctp/wire/data-chunk.ts'
import { ChunkType } from '../../../../transport/sctp/wire/packet.ts'
import type { SimulatedLink } from '../../../support/simulated-network.ts'
import { HostilePeer, OUR_TSN } from '../hostile-peer.ts'
import { openPair, type Pair, patterned } from '../pair.ts'

/** A peer that was sent `count` chunks, each in a packet of its own, 20 ms ago. */
function sending(count: number, windowBytes = 1_000_000): HostilePeer {
  const peer = new HostilePeer({ peerWindowBytes: windowBytes })
  peer.end.association.send(0, 53, patterned(1_172, 1))
  peer.run(0)
  peer.run(20)
  peer.sack(1, windowBytes)
  peer.take()
  for (let index = 0; index < count; index++) peer.end.association.send(0, 53, patterned(1_172, index))
  peer.run(0)
  assert.equal(peer.takeSteps().length, count)
  peer.run(20)
  return peer
}

test('a SACK for what was never sent ends the association with an ABORT', () => {
  const invalid: ((peer: HostilePeer) => void)[] = [
    (peer) => peer.sack(5),
    (peer) => peer.sack(2 ** 30),
    // 2^31 ahead, where a TSN is neither before nor after.
    (peer) => peer.sack(3 + 2 ** 31),
    (peer) => peer.sack(1, 100_000, [[2, 5]]),
    (peer) => peer.sack(1, 100_000, [[3, 2]]),
    (peer) => peer.sack(1, 100_000, [[0, 1]]),
    (peer) => peer.send(ChunkType.sack, Buffer.alloc(8)),
    (peer) => peer.send(ChunkType.shutdown, Buffer.from([0, 0, 0x20, 0])),
  ]
  for (const send of invalid) {
    const peer = sending(3)
    send(peer)
    assert.equal(peer.end.association.state, 'failed')
    assert.equal(peer.end.reason?.code, 'broken_protocol')
    assert.equal(peer.take().at(-1)?.type, ChunkType.abort)
  }
})

test('a SACK that was overtaken by a later one changes nothing', () => {
  const peer = sending(5)
  peer.sack(4)
  peer.sack(2, 0, [[1, 1]])
  assert.equal(peer.end.association.state, 'open')
  assert.equal(peer.end.association.stats.peerWindowBytes, 100_000)
})

test('gap blocks that overlap or go back are ignored', () => {
  const peer = sending(10)
  peer.sack(1, 1_000_000, [
    [4, 6],
    [2, 8],
    [5, 5],
    [9, 9],
  ])
  assert.equal(peer.end.association.state, 'open')
  assert.deepEqual(peer.takeSteps(), [1, 2, 3, 7, 8])
})

test('a chunk is retransmitted at once when three later ones are acknowledged', () => {
  const peer = sending(5)
  peer.sack(1, 1_000_000, [[2, 4]])
  const data = peer.take().filter(({ type }) => type === ChunkType.data)
  assert.deepEqual(
    data.map(({ value }) => value.readUInt32BE() - OUR_TSN),
    [1],
  )
  assert.equal((data[0]?.flags ?? 0) & DataFlag.immediate, DataFlag.immediate)
})

test('a chunk is retransmitted a quarter round trip after a single later one is acknowledged', () => {
  const peer = sending(5)
  peer.sack(1, 1_000_000, [[2, 2]])
  assert.deepEqual(peer.takeSteps(), [])
  peer.run(4)
  assert.deepEqual(peer.takeSteps(), [])
  peer.run(2)
  assert.deepEqual(peer.takeSteps(), [1])
})

test('a lost retransmission is detected without a time-out', () => {
  const peer = sending(6)
  peer.sack(1, 1_000_000, [[2, 5]])
  assert.deepEqual(peer.takeSteps(), [1])
  for (let index = 0; index < 4; index++) peer.end.association.send(0, 53, patterned(1_172, index))
  peer.run(21)
  peer.take()
  peer.sack(1, 1_000_000, [[2, 9]])
  assert.deepEqual(peer.takeSteps(), [1])
  assert.equal(peer.end.association.stats.timeouts, 0)
})

test('a tail-loss probe is sent after two round trips, before T3 expires', () => {
  const peer = sending(4)
  peer.sack(3, 1_000_000)
  const { stats } = peer.end.association
  peer.run(95)
  assert.deepEqual(peer.takeSteps(), [4])
  peer.run(20)
  peer.sack(5)
  const after = peer.end.association.stats
  assert.deepEqual([after.tailLossProbes, after.timeouts], [1, 0])
  assert.ok(
    after.windowBytes < stats.windowBytes,
    'the controller is told of the loss that the probe has repaired',
  )
})

test('T3 doubles with every expiry and returns to the round trip once something is acknowledged', () => {
  const peer = sending(1)
  const times: number[] = []
  for (let tick = 0; tick < 4_000; tick++) {
    peer.run(1)
    if (peer.takeSteps().length > 0) times.push(tick)
  }
  const waits = times.slice(2).map((time, index) => time - (times[index + 1] ?? 0))
  // The first is the tail-loss probe; then 300 ms, doubled each time.
  assert.deepEqual(
    waits.map((wait) => Math.round(wait / 100)),
    [6, 12],
  )
  peer.sack(2)
  peer.end.association.send(0, 53, patterned(10, 1))
  peer.run(0)
  peer.take()
  peer.run(250)
  assert.deepEqual(peer.takeSteps(), [2])
})

test('chunks that a peer acknowledged by gap blocks and then discarded are retransmitted', () => {
  const peer = sending(4)
  peer.sack(1, 1_000_000, [[2, 4]])
  assert.deepEqual(peer.takeSteps(), [1])
  // The gap is filled, but the chunks beyond it are gone.
  peer.sack(2, 1_000_000)
  peer.run(3_000)
  assert.deepEqual([...new Set(peer.takeSteps())], [2, 3, 4])
})

test('one chunk probes a closed window; when it opens the rest follows at once', () => {
  const peer = sending(1, 5_000)
  peer.sack(2, 0)
  for (let index = 0; index < 3; index++) peer.end.association.send(0, 53, patterned(1_172, index))
  peer.run(0)
  assert.deepEqual(peer.takeSteps(), [2])
  for (let answer = 0; answer < 60; answer++) {
    peer.run(1_000)
    peer.sack(2, 0)
  }
  assert.equal(
    peer.end.association.state,
    'open',
    'a peer that answers is alive, however long its window stays closed',
  )
  assert.deepEqual([...new Set(peer.takeSteps())], [2])
  peer.sack(2, 10_000)
  assert.deepEqual(peer.takeSteps(), [2, 3, 4])
})

test('a window smaller than a chunk gets a fragment of its own size', () => {
  const peer = new HostilePeer({ peerWindowBytes: 100 })
  peer.end.association.send(0, 53, patterned(250, 1))
  peer.run(0)
  assert.deepEqual(
    peer.take().map(({ value }) => value.length - 12),
    [100],
  )
})

test('only the last chunk asks for an immediate SACK', () => {
  const peer = new HostilePeer()
  for (let index = 0; index < 3; index++) peer.end.association.send(0, 53, patterned(1_172, index))
  peer.run(0)
  assert.deepEqual(
    peer.take().map(({ flags }) => flags & DataFlag.immediate),
    [0, 0, DataFlag.immediate],
  )
})

test('T3 does not count time during which nothing was outstanding', () => {
  const peer = sending(1)
  peer.sack(2)
  peer.run(5_000)
  peer.end.association.send(0, 53, patterned(10, 1))
  peer.run(0)
  assert.deepEqual(peer.takeSteps(), [2])
  peer.run(80)
  assert.deepEqual(peer.takeSteps(), [])
  assert.equal(peer.end.association.stats.timeouts, 0)
})

test('small messages share a packet', () => {
  const { a, b, ab, time } = openPair()
  const before = ab.sentPackets
  for (let index = 0; index < 20; index++) a.association.send(0, 53, patterned(20, index))
  assert.ok(time.run(time.nowMs + 11, () => b.received.length === 20))
  assert.equal(ab.sentPackets - before, 1)
})

/** Records the size in bytes of the largest packet that is sent over `link` from now on. */
function watchPackets(link: SimulatedLink): { largest: number } {
  const watched = { largest: 0 }
  const send = link.send.bind(link)
  link.send = (packet) => {
    watched.largest = Math.max(watched.largest, packet.length)
    send(packet)
  }
  return watched
}

test('a new packet size applies to everything fragmented from then on', () => {
  const { a, b, ab, time } = openPair()
  const watched = watchPackets(ab)
  for (const size of [1_200, 9_000, 60_000, 600]) {
    watched.largest = 0
    a.association.setMaxPacketBytes(size)
    a.association.send(0, 53, patterned(200_000, size))
    assert.ok(time.run(time.nowMs + 20_000, () => b.received.length === 1))
    assert.equal(watched.largest, size)
    b.received.length = 0
  }
})

test('a padded probe tells whether packets of its size arrive', () => {
  const pair = openPair({ ab: { delayMs: 10, maxPacketBytes: 1_480 } })
  const results: [number, boolean][] = []
  for (const size of [1_400, 1_480, 1_484, 9_000]) {
    const watched = watchPackets(pair.ab)
    pair.a.association.probePath(size, 'padding', (arrived) => results.push([watched.largest, arrived]))
    pair.time.run(pair.time.nowMs + 2_000)
  }
  assert.deepEqual(results, [
    [1_400, true],
    [1_480, true],
    [1_484, false],
    [9_000, false],
  ])
})

/** Probes the path with data and sends `bytes`; returns the results and the size of the largest packet. */
function probeByData(pair: Pair, packetBytes: number, bytes: number) {
  const { a, b, ab, time } = pair
  const results: boolean[] = []
  const watched = watchPackets(ab)
  const message = patterned(bytes, packetBytes)
  b.received.length = 0
  a.association.probePath(packetBytes, 'data', (arrived) => results.push(arrived))
  a.association.send(0, 53, message)
  assert.ok(time.run(time.nowMs + 200_000, () => b.received.length === 1))
  assert.ok(message.equals(b.received[0]?.payload ?? Buffer.alloc(0)))
  time.run(time.nowMs + 2_000)
  return { results, largest: watched.largest }
}

test('a data probe tells the same; if it is lost, its chunks are retransmitted in packets of the usual size', () => {
  const link = { delayMs: 10, maxPacketBytes: 1_480 }
  for (const [size, arrives] of [
    [1_204, true],
    [1_400, true],
    [1_480, true],
    [1_484, false],
    [2_048, false],
    [9_000, false],
  ] as const) {
    const pair = openPair({ ab: link })
    assert.deepEqual(probeByData(pair, size, 100_000), { results: [arrives], largest: size })
    assert.equal(pair.a.association.stats.chunksRetransmitted > 0, !arrives)
  }
})

test('a data probe waits until enough data is queued', () => {
  const pair = openPair()
  assert.deepEqual(probeByData(pair, 2_000, 1_900).results, [])
  assert.deepEqual(probeByData(pair, 2_000, 2_100).results, [true])
})

test('a data probe counts as arrived only when all of its chunks have, whatever else is lost', () => {
  const outcomes = new Set<boolean | undefined>()
  for (let seed = 1; seed <= 40; seed++) {
    const { results } = probeByData(openPair({ seed, ab: { delayMs: 10, loss: 0.2 } }), 2_048, 30_000)
    assert.equal(results.length, 1)
    outcomes.add(results[0])
  }
  assert.deepEqual(outcomes, new Set([false, true]))
})
