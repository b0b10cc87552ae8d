/** The packet trace: its events add up, and without a sink there are none. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { bbr } from '../../../transport/sctp/congestion/bbr.ts'
import { newReno } from '../../../transport/sctp/congestion/new-reno.ts'
import type { AssociationTraceEvent } from '../../../transport/sctp/trace.ts'
import { openPair, patterned } from './pair.ts'

/** Bytes and number of the chunk events of each kind. */
function totals(events: readonly AssociationTraceEvent[]) {
  const bytes = new Map<string, number>()
  const count = new Map<string, number>()
  for (const event of events) {
    count.set(event.event, (count.get(event.event) ?? 0) + 1)
    if ('bytes' in event) bytes.set(event.event, (bytes.get(event.event) ?? 0) + event.bytes)
  }
  return {
    bytes: (name: AssociationTraceEvent['event']) => bytes.get(name) ?? 0,
    count: (name: AssociationTraceEvent['event']) => count.get(name) ?? 0,
  }
}

/** A transfer of 2 MB over a path that loses 3 % of the packets, and the traces of both ends. */
function transfer(congestion: typeof bbr) {
  const sender: AssociationTraceEvent[] = []
  const receiver: AssociationTraceEvent[] = []
  const pair = openPair({
    seed: 3,
    ab: { delayMs: 20, loss: 0.03, duplication: 0.01, bytesPerSecond: 2e6, queueBytes: 100_000 },
    a: { congestion, trace: (event) => void sender.push(event) },
    b: { trace: (event) => void receiver.push(event) },
  })
  const { a, b, time } = pair
  for (let index = 0; index < 40; index++) a.association.send(0, 53, patterned(50_000, index))
  time.run(60_000, () => b.received.length === 40 && a.association.stats.inFlightBytes === 0)
  return { sender, receiver, a, b }
}

for (const [name, congestion] of [
  ['NewReno', newReno],
  ['BBR', bbr],
] as const) {
  test(`with ${name} everything sent is acknowledged in the end, and the counters agree with the trace`, () => {
    const { sender, receiver, a, b } = transfer(congestion)
    assert.equal(b.received.length, 40)
    const { stats } = a.association
    const { bytes, count } = totals(sender)
    assert.ok(count('lost') > 20 && count('rtt') > 50 && count('cwnd') > 10)
    assert.equal(bytes('sent'), bytes('acked') - bytes('reneged'))
    assert.equal(bytes('acked'), stats.deliveredBytes)
    assert.equal(count('sent') + count('retransmitted'), stats.chunksSent)
    assert.equal(count('retransmitted'), stats.chunksRetransmitted)
    assert.equal(count('timeout'), stats.timeouts)
    assert.equal(count('probe'), stats.tailLossProbes)
    const arrived = totals(receiver)
    assert.equal(arrived.bytes('received'), bytes('sent'))
    assert.equal(arrived.count('duplicate'), b.association.stats.duplicatesReceived)
    assert.equal(arrived.count('sack_sent'), b.association.stats.sacksSent)
  })
}

test('at any moment sent is acknowledged plus outstanding, and in flight is what is neither acknowledged nor lost', () => {
  for (let events = 50; events < 1_500; events += 150) {
    const trace: AssociationTraceEvent[] = []
    const pair = openPair({
      seed: events,
      ab: { delayMs: 20, loss: 0.03 },
      a: { congestion: newReno, trace: (event) => void trace.push(event) },
    })
    const { a, time } = pair
    for (let index = 0; index < 40; index++) a.association.send(0, 53, patterned(50_000, index))
    time.run(60_000, () => trace.length >= events)
    const state = new Map<number, string>()
    const size = new Map<number, number>()
    for (const event of trace) {
      if (!('bytes' in event)) continue
      state.set(event.tsn, event.event)
      size.set(event.tsn, event.bytes)
    }
    function sum(...states: string[]): number {
      let bytes = 0
      for (const [tsn, name] of state) if (states.includes(name)) bytes += size.get(tsn) ?? 0
      return bytes
    }
    const { bytes } = totals(trace)
    assert.equal(bytes('sent'), bytes('acked') + sum('sent', 'retransmitted', 'lost'))
    assert.equal(a.association.stats.inFlightBytes, sum('sent', 'retransmitted'))
    assert.equal(trace.findLast((event) => 'bytes' in event)?.inflight, sum('sent', 'retransmitted'))
  }
})

test('every event is flat JSON with the time, the window and what is in flight', () => {
  const { sender, receiver } = transfer(bbr)
  for (const event of [...sender, ...receiver]) {
    assert.deepEqual(JSON.parse(JSON.stringify(event)), event)
    const { ms, cwnd, inflight } = event
    assert.ok([ms, cwnd, inflight].every((value) => typeof value === 'number'))
    assert.ok(Object.values(event).every((value) => typeof value !== 'object' || value === null))
  }
  const times = sender.map(({ ms }) => ms)
  assert.deepEqual(
    times,
    times.toSorted((first, second) => first - second),
  )
  assert.deepEqual(
    sender.filter(({ event }) => event === 'state').map((event) => 'state' in event && event.state),
    ['connecting', 'open'],
  )
})
