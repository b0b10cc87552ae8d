/** The timers of an association, all on one host timer. */
import assert from 'node:assert/strict'
import test from 'node:test'
import {
  handshakeTimeoutMs,
  retransmissionTimeoutMs,
} from '../../../transport/sctp/retransmission-timeout.ts'
import { RoundTrip } from '../../../transport/sctp/send/round-trip.ts'
import { Timer, Timers } from '../../../transport/sctp/timers.ts'
import { VirtualTime } from '../../support/simulated-network.ts'
import { virtualRuntime } from './simulated-layer.ts'

function makeTimers() {
  const time = new VirtualTime()
  const timers = new Timers(virtualRuntime(time, Math.random))
  const expired: [string, number][] = []
  for (const [name, timer] of Object.entries(Timer))
    timers.onExpiry(timer, () => expired.push([name, time.now()]))
  return { time, timers, expired }
}

test('a timer expires once, at the time last set, and not at all once cleared or stopped', () => {
  const { time, timers, expired } = makeTimers()
  timers.set(Timer.sack, 100)
  timers.set(Timer.sack, 250)
  timers.setIfEarlier(Timer.sack, 300)
  time.run(1_000)
  timers.set(Timer.sack, 1_500)
  timers.setIfEarlier(Timer.sack, 1_200)
  time.run(2_000)
  timers.set(Timer.sack, 2_100)
  timers.clear(Timer.sack)
  time.run(3_000)
  timers.set(Timer.sack, 3_100)
  timers.stop()
  assert.equal(time.pending, 0)
  time.run(4_000)
  assert.deepEqual(expired, [
    ['sack', 250],
    ['sack', 1_200],
  ])
})

test('timers share one host timer and do not disturb each other', () => {
  const { time, timers, expired } = makeTimers()
  timers.set(Timer.heartbeat, 500)
  timers.set(Timer.lossRecovery, 300)
  timers.set(Timer.pacing, 100)
  timers.set(Timer.shutdown, 300)
  assert.equal(time.pending, 1)
  timers.clear(Timer.pacing)
  time.run(1_000)
  assert.deepEqual(expired, [
    ['lossRecovery', 300],
    ['shutdown', 300],
    ['heartbeat', 500],
  ])
  assert.equal(time.pending, 0)
})

test('a timer that its own expiry sets again keeps its interval', () => {
  const { time, timers } = makeTimers()
  const times: number[] = []
  timers.onExpiry(Timer.pacing, () => {
    times.push(time.now())
    timers.set(Timer.pacing, time.now() + 10)
  })
  timers.set(Timer.heartbeat, 25)
  timers.set(Timer.pacing, 10)
  time.run(45)
  assert.deepEqual(times, [10, 20, 30, 40])
})

test('a stopped set of timers cannot be started again', () => {
  const { time, timers, expired } = makeTimers()
  timers.onExpiry(Timer.sack, () => timers.stop())
  timers.set(Timer.sack, 10)
  timers.set(Timer.heartbeat, 10)
  time.run(20)
  timers.set(Timer.pacing, 30)
  time.run(100)
  assert.deepEqual([expired, time.pending], [[], 0])
})

test('the retransmission time-out doubles with every expiry, within its bounds', () => {
  const roundTrip = new RoundTrip()
  const unknown = [0, 1, 2, 3, 4, 20].map((expiries) => retransmissionTimeoutMs(roundTrip, expiries))
  assert.deepEqual(unknown, [1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
  roundTrip.sample(400)
  assert.equal(retransmissionTimeoutMs(roundTrip, 0), 400 + 4 * 200)
  for (let sample = 0; sample < 200; sample++) roundTrip.sample(1)
  assert.equal(retransmissionTimeoutMs(roundTrip, 0), 300)
  assert.equal(retransmissionTimeoutMs(roundTrip, 1), 600)
  assert.deepEqual([0, 1, 2, 3, 8].map(handshakeTimeoutMs), [500, 1_000, 2_000, 4_000, 4_000])
})
