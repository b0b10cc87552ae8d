/**
 * A random scenario drawn from a seed: bad links, small windows, slow readers, data in both directions, resets, an end. It
 * checks that every byte arrives once and in order, that both sides end, and that no timer is left running.
 */
import assert from 'node:assert/strict'
import type { CongestionController } from '../../../../transport/sctp/congestion/congestion-controller.ts'
import { newReno } from '../../../../transport/sctp/congestion/new-reno.ts'
import type { AssociationOptions } from '../../../../transport/sctp/association-options.ts'
import type { LinkOptions } from '../../../support/simulated-network.ts'
import { seededRandom } from '../../../support/simulated-network.ts'
import { type Endpoint, makePair, type Pair, patterned } from '../pair.ts'

/** The longest that any scenario may take in virtual time, and in events. */
const LIMIT_MS = 900_000
const LIMIT_EVENTS = 400_000
/** Where serial numbers wrap around, change their sign or gain a decimal digit. */
const EDGES = [2 ** 32, 2 ** 31, 10, 100, 10_000, 1_000_000, 1_000_000_000, 0]

type Draw = {
  readonly chance: (probability: number) => boolean
  readonly between: (from: number, to: number) => number
}

type Plan = { readonly streamId: number; readonly isUnordered: boolean; readonly payload: Buffer }

/** Runs the scenario of `seed`; throws an AssertionError that names it. */
export function runScenario(seed: number): void {
  const draw = makeDraw(seed * 2_654_435_761)
  const corrupts = draw.chance(0.2)
  const pair = makePair({
    seed,
    ab: drawLink(draw, corrupts),
    ba: drawLink(draw, corrupts),
    a: drawOptions(draw, corrupts),
    b: drawOptions(draw, corrupts),
  })
  const fromA = drawMessages(draw)
  const fromB = draw.chance(0.5) ? drawMessages(draw) : []
  slowReader(pair, pair.a, draw)
  slowReader(pair, pair.b, draw)
  const who = `seed ${seed}`
  open(pair, draw, who)
  if (draw.chance(0.3)) worsen(pair, draw)
  talk(pair, pair.a, fromA, draw)
  talk(pair, pair.b, fromB, draw)
  disturb(pair, draw)
  // From a generator of its own, so that the rest of a seed's scenario does not depend on it.
  probe(pair, makeDraw(seed * 2_246_822_519))
  function arrived(): boolean {
    return pair.b.received.length >= fromA.length && pair.a.received.length >= fromB.length
  }
  runUntil(pair, arrived, `${who}: messages`)
  verify(pair.b, fromA, `${who}: a to b`)
  verify(pair.a, fromB, `${who}: b to a`)
  finish(pair, draw, who)
}

function makeDraw(seed: number): Draw {
  const random = seededRandom(seed)
  return {
    chance: (probability) => random() < probability,
    between: (from, to) => from + Math.floor(random() * (to - from + 1)),
  }
}

function drawLink(draw: Draw, corrupts: boolean): LinkOptions {
  const isLossy = draw.chance(0.6)
  return {
    delayMs: draw.between(0, 3) === 0 ? draw.between(0, 2) : draw.between(1, 150),
    jitterMs: draw.chance(0.3) ? draw.between(1, 60) : 0,
    loss: isLossy ? draw.between(0, 8) / 100 : 0,
    duplication: draw.chance(0.2) ? 0.1 : 0,
    corruption: corrupts ? 0.1 : 0,
    ...(draw.chance(0.4)
      ? { bytesPerSecond: draw.between(50_000, 5_000_000), queueBytes: draw.between(6_000, 100_000) }
      : {}),
  }
}

/** A handshake gives up after nine tries; an open association has to survive worse. */
function worsen(pair: Pair, draw: Draw): void {
  for (const link of [pair.ab, pair.ba]) {
    link.options = {
      ...link.options,
      loss: draw.between(0, 15) / 100,
      burstBegins: draw.chance(0.5) ? 0.02 : 0,
      burstMs: draw.between(1, 400),
    }
  }
}

/** A fixed window and rate: the sender is paced as by a rate-based controller. */
function paced(windowBytes: number, pacingBytesPerSecond: number): CongestionController {
  function ignore(): void {}
  const on = {
    onSent: ignore,
    onAck: ignore,
    onLoss: ignore,
    onTimeout: ignore,
    onIdle: ignore,
    setMaxPacketBytes: ignore,
  }
  return { name: 'paced', windowBytes, pacingBytesPerSecond, ...on }
}

function drawOptions(draw: Draw, corrupts: boolean): Partial<AssociationOptions> {
  const isPaced = draw.chance(0.3)
  const windowBytes = draw.between(2_000, 60_000)
  const pacingBytesPerSecond = draw.between(20_000, 3_000_000)
  const edge = EDGES[draw.between(0, EDGES.length - 1)] ?? 0
  return {
    initialTsn: (edge - draw.between(0, 40) + 2 ** 32) >>> 0,
    maxPacketBytes: draw.between(128, 400) * 4,
    maxMessageBytes: 65_536,
    receiveWindowBytes: draw.chance(0.5) ? draw.between(2_000, 100_000) : 1_000_000,
    // Damage must be detected: without DTLS only the checksum does that.
    zeroChecksum: corrupts ? false : draw.chance(0.5),
    ringChunks: 2 ** draw.between(5, 9),
    roomBytes: draw.between(1, 10_000),
    congestion: isPaced ? () => paced(windowBytes, pacingBytesPerSecond) : newReno,
  }
}

function drawMessages(draw: Draw): Plan[] {
  const count = draw.between(1, 12)
  return Array.from({ length: count }, (_, index) => {
    const size = draw.chance(0.2) ? draw.between(1_500, 40_000) : draw.between(1, 1_500)
    const payload = patterned(size + 4, index)
    payload.writeUInt32BE(index)
    return { streamId: draw.between(0, 2), isUnordered: draw.chance(0.2), payload }
  })
}

/** Some readers take time for each message: the window closes and opens again. */
function slowReader(pair: Pair, end: Endpoint, draw: Draw): void {
  if (draw.chance(0.6)) return
  const pauseMs = draw.between(1, 2_000)
  end.onMessage = ({ payload }) =>
    void pair.time.after(pauseMs, () => end.association.consumed(payload.length))
}

function open(pair: Pair, draw: Draw, who: string): void {
  const mode = draw.between(0, 2)
  if (mode !== 1) pair.a.association.connect()
  if (mode !== 0) pair.time.after(mode === 2 ? draw.between(0, 200) : 0, () => pair.b.association.connect())
  function isOpen(): boolean {
    return pair.a.association.state === 'open' && pair.b.association.state === 'open'
  }
  runUntil(pair, isOpen, `${who}: opening`)
}

function talk(pair: Pair, end: Endpoint, plans: readonly Plan[], draw: Draw): void {
  let atMs = 0
  for (const { streamId, isUnordered, payload } of plans) {
    if (draw.chance(0.4)) atMs += draw.between(1, 800)
    pair.time.after(atMs, () => end.association.send(streamId, 53, payload, isUnordered))
  }
}

/** An outage, and a change of the packet size. */
function disturb(pair: Pair, draw: Draw): void {
  if (draw.chance(0.15)) {
    const link = draw.chance(0.5) ? pair.ab : pair.ba
    const fromMs = draw.between(0, 1_000)
    pair.time.after(fromMs, () => {
      link.isCut = true
    })
    pair.time.after(fromMs + draw.between(10, 3_000), () => {
      link.isCut = false
    })
  }
  if (draw.chance(0.2)) {
    const bytes = draw.between(512, 4_000)
    pair.time.after(draw.between(0, 1_000), () => pair.a.association.setMaxPacketBytes(bytes))
  }
}

/** Probes for larger packets now and then, on a path that carries those of `disturb` and perhaps no larger ones. */
function probe({ a, ab, time }: Pair, draw: Draw): void {
  if (draw.chance(0.7)) return
  if (draw.chance(0.5)) ab.options = { ...ab.options, maxPacketBytes: draw.between(4_000, 5_000) }
  for (let probes = draw.between(1, 4); probes > 0; probes--) {
    const bytes = draw.between(512, 6_000)
    const by = draw.chance(0.7) ? 'data' : 'padding'
    time.after(draw.between(0, 2_000), () =>
      a.association.probePath(bytes, by, (arrived) => {
        if (arrived && draw.chance(0.5)) a.association.setMaxPacketBytes(bytes)
      }),
    )
  }
}

function verify(end: Endpoint, plans: readonly Plan[], who: string): void {
  assert.equal(end.received.length, plans.length, `${who}: count`)
  const lastOn = new Map<number, number>()
  const seen = new Set<number>()
  for (const { streamId, payload } of end.received) {
    const index = Buffer.from(payload).readUInt32BE()
    const plan = plans[index]
    assert.ok(
      plan !== undefined && plan.streamId === streamId && plan.payload.equals(payload),
      `${who}: message ${index}`,
    )
    assert.ok(!seen.has(index), `${who}: message ${index} twice`)
    seen.add(index)
    if (plan.isUnordered) continue
    assert.ok((lastOn.get(streamId) ?? -1) < index, `${who}: order on stream ${streamId}`)
    lastOn.set(streamId, index)
  }
}

/** A reset of a stream in both directions, then one of the ways an association can end. */
function finish(pair: Pair, draw: Draw, who: string): void {
  const { a, b } = pair
  if (draw.chance(0.3)) {
    b.onReset = (streamIds) => streamIds.forEach((id) => b.association.resetStream(id))
    a.association.resetStream(1)
    runUntil(
      pair,
      () => a.resets.includes(1) && b.resets.includes(1) && b.resetsDone.length === 1,
      `${who}: reset`,
    )
    assert.deepEqual([a.resets, b.resets], [[1], [1]], `${who}: reset once`)
  }
  function ended(end: Endpoint): boolean {
    return end.association.state === 'closed' || end.association.state === 'failed'
  }
  if (draw.chance(0.2)) {
    a.association.abort()
    b.association.abort()
  } else {
    a.association.close()
    if (draw.chance(0.3)) pair.time.after(draw.between(0, 300), () => b.association.close())
    runUntil(pair, () => ended(a) && ended(b), `${who}: closing`)
  }
  pair.time.run(pair.time.nowMs + LIMIT_MS)
  assert.equal(pair.time.pending, 0, `${who}: timers left`)
}

function runUntil(pair: Pair, isDone: () => boolean, who: string): void {
  const { time, a, b } = pair
  function failed(): boolean {
    return a.association.state === 'failed' || b.association.state === 'failed'
  }
  time.run(LIMIT_MS, () => isDone() || failed() || time.events > LIMIT_EVENTS)
  const state = `at ${time.nowMs} ms, ${time.events} events, ${a.association.state} ${a.reason?.detail} / ${b.association.state} ${b.reason?.detail}`
  assert.ok(isDone(), `${who} ${state}`)
}
