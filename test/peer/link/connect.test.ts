/** Connecting over attempts that open, hang, fail or race: both sides get the same link, or both end as no_path. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChannelPair } from '../../support/peer/channel-pair.ts'
import { checkConnected, startConnecting } from '../../support/peer/connections.ts'

test('a first attempt that opens becomes the connection, and no second one is started', async () => {
  const connecting = await startConnecting([{ openAfterMs: 300 }])
  await connecting.clock.advance(300)
  await checkConnected(connecting, 0)
  assert.equal(connecting.network.offering.length, 1)
})

test('while an attempt hangs, a second and a third start three seconds apart', async () => {
  const connecting = await startConnecting([{}, {}, { openAfterMs: 500 }])
  const counts: number[] = []
  for (const ms of [2_999, 1, 2_999, 1]) {
    await connecting.clock.advance(ms)
    counts.push(connecting.network.offering.length)
  }
  assert.deepEqual(counts, [1, 2, 2, 3])
  await connecting.clock.advance(500)
  await checkConnected(connecting, 2)
})

test('of two attempts that open, both sides keep the same one', async () => {
  for (const [first, second, winner] of [
    [3_500, 100, 1],
    [3_050, 100, 0],
    [3_100, 100, 0],
  ] as const) {
    const connecting = await startConnecting([{ openAfterMs: first }, { openAfterMs: second }])
    await connecting.clock.advance(4_000)
    await checkConnected(connecting, winner)
  }
})

test('an attempt that fails is followed by the next one at once', async () => {
  const connecting = await startConnecting([{ fails: true }, { fails: true }, { openAfterMs: 10 }])
  await connecting.clock.advance(10)
  await checkConnected(connecting, 2)
})

test('three failed attempts end both sides as no_path, without waiting for the deadline', async () => {
  const { sender, receiver, clock } = await startConnecting([
    { fails: true },
    { fails: true },
    { fails: true },
  ])
  await clock.advance(0)
  assert.deepEqual([await sender, await receiver], [{ failure: 'no_path' }, { failure: 'no_path' }])
  assert.equal(clock.pending, 0)
})

test('attempts that hang end as no_path after twenty seconds, and are closed', async () => {
  const { sender, receiver, clock, network } = await startConnecting([])
  let over = false
  void sender.then(() => (over = true))
  await clock.advance(19_999)
  assert.ok(!over)
  await clock.advance(1)
  assert.deepEqual([await sender, await receiver], [{ failure: 'no_path' }, { failure: 'no_path' }])
  assert.ok([...network.offering, ...network.answering].every(({ closed }) => closed))
  assert.equal(clock.pending, 0)
})

test('candidates reach their attempt, and many host candidates do not displace the other types', async () => {
  function typed(type: string, count: number): string[] {
    return Array.from(
      { length: count },
      (_, index) => `candidate:${index} 1 udp 1 192.0.2.${index} 9 typ ${type} x`,
    )
  }
  const gathered = [...typed('host', 30), ...typed('srflx', 30), ...typed('relay', 2)]
  const connecting = await startConnecting([{}, { openAfterMs: 1 }], { gathered })
  await connecting.clock.advance(3_500)
  const { offering, answering } = connecting.network
  for (const attempt of [...offering, ...answering]) {
    const kinds = attempt.candidates.map(({ candidate }) => candidate.split(' ')[7])
    assert.deepEqual(kinds, [
      ...Array.from({ length: 10 }, () => 'host'),
      ...Array.from({ length: 5 }, () => 'srflx'),
      'relay',
      'relay',
    ])
  }
  for (const seat of [connecting.room.host, connecting.room.guest]) assert.ok(seat.sentToPeer.length <= 64)
  await checkConnected(connecting, 1)
})

test('each side learns that the other is on its host only when both know the same identity', async () => {
  for (const [sender, receiver, same] of [
    ['boot 1, network 1', 'boot 1, network 1', true],
    ['boot 1, network 1', 'boot 1, network 2', false],
    ['boot 1, network 1', undefined, false],
    [undefined, undefined, false],
  ] as const) {
    const connecting = await startConnecting([{ openAfterMs: 1 }], { identities: { sender, receiver } })
    await connecting.clock.advance(1)
    const { offering, answering } = connecting.network
    const places = [...offering, ...answering].map(({ place }) => place)
    assert.deepEqual(places, [{ onThisHost: same }, { onThisHost: same }])
    await checkConnected(connecting, 0)
  }
})

test('a side whose peer may only use a relay and has none ends as no_path at once', async () => {
  const connecting = await startConnecting([])
  await connecting.meetings.receiver.signals.send({ type: 'no-relay' })
  assert.deepEqual(await connecting.sender, { failure: 'no_path' })
  await connecting.meetings.sender.signals.send({ type: 'no-relay' })
  assert.deepEqual(await connecting.receiver, { failure: 'no_path' })
  assert.equal(connecting.clock.pending, 0)
})

test('candidates that a peer sends beyond the limits of the protocol are ignored', async () => {
  const connecting = await startConnecting([{ openAfterMs: 1_000 }])
  for (const type of ['host', 'srflx']) {
    for (let index = 0; index < 12; index++) {
      const candidate = `candidate:${index} 1 udp 1 192.0.2.${index} 9 typ ${type} x`
      const signal = { type: 'candidate', attempt: 0, candidate, sdpMid: '0', sdpMLineIndex: 0 } as const
      await connecting.meetings.receiver.signals.send(signal)
    }
  }
  await connecting.clock.advance(1_000)
  const kinds = connecting.network.offering[0]?.candidates.map(({ candidate }) => candidate.split(' ')[7])
  assert.deepEqual(kinds, [
    ...Array.from({ length: 10 }, () => 'host'),
    ...Array.from({ length: 5 }, () => 'srflx'),
  ])
  await checkConnected(connecting, 0)
})

test('an attempt that opens while the receiver answers another one gets no answer', async () => {
  let after: (ms: number, call: () => void) => unknown = () => assert.fail('no clock yet')
  // The channel accepts the receiver's hello only after a delay, and delivers it late.
  function disturb({ b, bToA }: ChannelPair): void {
    bToA.delayMs = 200
    const send = b.send.bind(b)
    b.send = async (message) => {
      b.send = send
      await send(message)
      bToA.delayMs = 0
      await new Promise<void>((resolve) => after(200, resolve))
    }
  }
  const connecting = await startConnecting([{ openAfterMs: 3_100, disturb }, { openAfterMs: 150 }])
  after = (ms, call) => connecting.clock.after(ms, call)
  await connecting.clock.advance(3_300)
  await checkConnected(connecting, 0)
})
