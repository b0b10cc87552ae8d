/** NewReno, and what an association tells any controller: rates, round trips, losses, limits. */
import assert from 'node:assert/strict'
import test from 'node:test'
import type {
  AckEvent,
  CongestionController,
  LossEvent,
} from '../../../../transport/sctp/congestion/congestion-controller.ts'
import { newReno } from '../../../../transport/sctp/congestion/new-reno.ts'
import { openPair, patterned } from '../pair.ts'
import { ackEvent, lossEvent } from './events.ts'

const PACKET = 1_000

/** A controller with a fixed window and rate that records its events. */
function recorder(windowBytes: number, pacingBytesPerSecond = Infinity) {
  const acks: AckEvent[] = []
  const losses: LossEvent[] = []
  const idles: number[] = []
  const controller: CongestionController = {
    name: 'recorder',
    windowBytes,
    pacingBytesPerSecond,
    onSent: () => {},
    onAck: (ack) => void acks.push(ackEvent(ack)),
    onLoss: (loss) => void losses.push(lossEvent(loss)),
    onTimeout: () => {},
    onIdle: (_now, idleMs) => void idles.push(idleMs),
    setMaxPacketBytes: () => {},
  }
  return { controller, acks, losses, idles }
}

function acked(bytes: number, changes: Partial<AckEvent> = {}): AckEvent {
  return ackEvent({ ackedBytes: bytes, isWindowLimited: true, ...changes })
}

test('NewReno doubles in slow start, halves once per loss episode, then adds a packet per round trip', () => {
  const reno = newReno({ maxPacketBytes: PACKET })
  assert.equal(reno.windowBytes, 10 * PACKET)
  reno.onAck(acked(10 * PACKET))
  assert.equal(reno.windowBytes, 20 * PACKET)
  reno.onAck(acked(5 * PACKET, { isWindowLimited: false }))
  assert.equal(reno.windowBytes, 20 * PACKET)
  reno.onLoss(lossEvent({ lostBytes: PACKET, startsEpisode: true }))
  reno.onLoss(lossEvent({ lostBytes: PACKET, startsEpisode: false }))
  assert.equal(reno.windowBytes, 10 * PACKET)
  reno.onAck(acked(10 * PACKET, { inRecovery: true }))
  assert.equal(reno.windowBytes, 10 * PACKET)
  reno.onAck(acked(10 * PACKET))
  assert.equal(reno.windowBytes, 11 * PACKET)
})

test('NewReno falls to one packet on a time-out and slow-starts back to half the window', () => {
  const reno = newReno({ maxPacketBytes: PACKET })
  reno.onTimeout(0, 0)
  assert.equal(reno.windowBytes, PACKET)
  for (const bytes of [1, 2, 2]) reno.onAck(acked(bytes * PACKET))
  assert.equal(reno.windowBytes, 6 * PACKET)
  for (let losses = 0; losses < 9; losses++) reno.onLoss(lossEvent({ startsEpisode: true }))
  assert.equal(reno.windowBytes, 2 * PACKET)
  reno.setMaxPacketBytes(5_000)
  assert.equal(reno.windowBytes, 10_000)
})

test('NewReno keeps at most its initial window after an idle time', () => {
  const reno = newReno({ maxPacketBytes: PACKET })
  reno.onAck(acked(50 * PACKET))
  reno.onIdle(0, 1_000)
  assert.equal(reno.windowBytes, 10 * PACKET)
})

test('delivery-rate samples match the bottleneck', () => {
  const { controller, acks } = recorder(200_000)
  const rate = 1_000_000
  const link = { delayMs: 20, bytesPerSecond: rate }
  const { a, time } = openPair({ ab: link, ba: { delayMs: 20 }, a: { congestion: () => controller } })
  for (let index = 0; index < 100; index++) a.association.send(0, 53, patterned(20_000, index))
  time.run(time.nowMs + 1_500)
  const samples = acks
    .filter((ack) => !ack.isAppLimited && ack.rateBytesPerSecond > 0)
    .map((ack) => ack.rateBytesPerSecond)
  assert.ok(samples.length > 50)
  const median = samples.toSorted((first, second) => first - second)[samples.length >> 1] ?? 0
  assert.ok(median > 0.95 * rate && median < 1.02 * rate, `${median}`)
  assert.ok(Math.max(...samples) < 1.1 * rate, 'no sample exceeds the bottleneck by much')
})

test('rate samples limited by the application or the peer are marked as such', () => {
  const slow = recorder(200_000)
  const { a, time } = openPair({ ab: { delayMs: 20 }, a: { congestion: () => slow.controller } })
  for (let turn = 0; turn < 20; turn++) {
    a.association.send(0, 53, patterned(2_000, turn))
    time.run(time.nowMs + 10)
  }
  assert.ok(
    slow.acks.length > 5 && slow.acks.slice(2).every((ack) => ack.isAppLimited && !ack.isWindowLimited),
  )
  const narrow = recorder(200_000)
  const small = { receiveWindowBytes: 5_000, maxMessageBytes: 100 }
  const pair = openPair({ ab: { delayMs: 20 }, a: { congestion: () => narrow.controller }, b: small })
  for (let index = 0; index < 5_000; index++) pair.a.association.send(0, 53, patterned(100, index))
  pair.time.run(pair.time.nowMs + 300)
  assert.ok(narrow.acks.length > 3 && narrow.acks.slice(2).every((ack) => ack.isAppLimited))
})

test('losses are reported once, with one episode per round trip that has any', () => {
  const { controller, losses, acks } = recorder(60_000)
  const link = { delayMs: 25, loss: 0.02 }
  const pair = openPair({ seed: 4, ab: link, ba: { delayMs: 25 }, a: { congestion: () => controller } })
  for (let index = 0; index < 100; index++) pair.a.association.send(0, 53, patterned(17 * 1_172, index))
  assert.ok(pair.time.run(60_000, () => pair.b.received.length === 100))
  const lostBytes = losses.reduce((sum, loss) => sum + loss.lostBytes, 0)
  const { stats } = pair.a.association
  assert.equal(lostBytes, stats.lostBytes)
  assert.ok(Math.abs(stats.chunksRetransmitted - pair.ab.droppedPackets) <= 3)
  const episodes = losses.filter((loss) => loss.startsEpisode).map((loss) => loss.nowMs)
  assert.ok(episodes.length > 10)
  episodes
    .slice(1)
    .forEach((atMs, index) => assert.ok(atMs - (episodes[index] ?? 0) > 49, 'a round trip apart'))
  assert.ok(acks.some((ack) => ack.inRecovery) && acks.some((ack) => !ack.inRecovery))
})

test('a queue overflow in slow start with more gaps than fit into a SACK causes no time-out', () => {
  const link = { delayMs: 25, bytesPerSecond: 12_500_000, queueBytes: 600_000 }
  const large = { ringChunks: 16_384, receiveWindowBytes: 16 << 20, maxPacketBytes: 512 }
  const pair = openPair({ ab: link, ba: { delayMs: 25 }, a: large, b: large })
  for (let index = 0; index < 100; index++) pair.a.association.send(0, 53, patterned(100_000, index))
  assert.ok(pair.time.run(60_000, () => pair.b.received.length === 100))
  const { stats } = pair.a.association
  assert.ok(pair.ab.droppedPackets > 500, `${pair.ab.droppedPackets} drops`)
  assert.equal(stats.timeouts, 0)
  assert.equal(stats.chunksRetransmitted, pair.ab.droppedPackets)
})

test('a paced sender keeps its rate and never sends more than a few milliseconds of it in one burst', () => {
  const rate = 2_000_000
  const { controller } = recorder(10_000_000, rate)
  const { a, b, ab, time } = openPair({ ab: { delayMs: 200 }, a: { congestion: () => controller } })
  const sizes = new Map<number, number>()
  const send = ab.send.bind(ab)
  ab.send = (packet) => {
    sizes.set(time.nowMs, (sizes.get(time.nowMs) ?? 0) + packet.length)
    send(packet)
  }
  for (let index = 0; index < 200; index++) a.association.send(0, 53, patterned(20_000, index))
  // No acknowledgement has come back yet: only the pacing timer can have moved it on.
  time.run(time.nowMs + 399)
  const expected = 0.2 * rate
  assert.ok(b.receivedBytes > 0.9 * expected && b.receivedBytes < 1.06 * expected, `${b.receivedBytes}`)
  assert.ok(Math.max(...sizes.values()) <= 13_200, `${Math.max(...sizes.values())}`)
})

test('without pacing a whole window leaves at once, in bursts separated by turns of the event loop', () => {
  const { controller } = recorder(600_000)
  const { a, ab, time } = openPair({ ab: { delayMs: 20 }, a: { congestion: () => controller } })
  const before = ab.sentPackets
  a.association.send(0, 53, patterned(1_000_000, 1))
  time.run(time.nowMs)
  assert.equal(ab.sentPackets - before, Math.ceil(600_000 / 1_188))
})

test('a controller is told how long nothing was sent', () => {
  const { controller, idles } = recorder(100_000)
  const { a, time } = openPair({ a: { congestion: () => controller } })
  a.association.send(0, 53, patterned(10, 1))
  time.run(time.nowMs + 3_000)
  a.association.send(0, 53, patterned(10, 1))
  time.run(time.nowMs + 10)
  assert.deepEqual(idles, [3_000])
})
