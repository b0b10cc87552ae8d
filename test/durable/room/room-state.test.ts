/** The rules of a room without a room: seats, budgets, ways of a frame, departures, deadlines. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as rules from '../../../durable/room/room-state.ts'

const lifetimes = { waitMs: 600_000, confirmMs: 60_000, metMs: 500_000 }
const opened = rules.openRoom(7, new Uint8Array(32), lifetimes, 1_000)
const seated = rules.seatGuest(opened, Uint8Array.of(1), lifetimes, 2_000)
const paired = rules.pair(seated, lifetimes, 3_000)
const met = rules.meet(paired, lifetimes, 4_000) ?? assert.fail('a pair can meet')

test('each phase has its own deadline', () => {
  assert.deepEqual(
    [opened, seated, paired, met].map(({ phase, deadlineMs }) => [phase, deadlineMs]),
    [
      ['waiting', 601_000],
      ['waiting', 62_000],
      ['paired', 63_000],
      ['met', 504_000],
    ],
  )
})

test('announcing or confirming again gains no time', () => {
  assert.equal(rules.pair(paired, lifetimes, 50_000), paired)
  assert.equal(rules.pair(met, lifetimes, 50_000), met)
  assert.equal(rules.meet(met, lifetimes, 50_000), met)
})

test('a stream of guests does not keep a room alive', () => {
  const freed = rules.freeGuest(paired)
  assert.equal(freed.deadlineMs, opened.deadlineMs)
  assert.equal(rules.chooseSeat(freed, 'none', false, opened.deadlineMs), undefined)
})

test('seats: a token takes its own, a stranger only a free guest seat before the meeting', () => {
  const now = 5_000
  for (const state of [opened, paired, met]) {
    assert.equal(rules.chooseSeat(state, 'host', true, now), 'host')
    assert.equal(rules.chooseSeat(state, 'wrong', false, now), undefined)
    assert.equal(rules.chooseSeat(state, 'host', true, state.deadlineMs), undefined)
  }
  assert.equal(rules.chooseSeat(paired, 'guest', true, now), 'guest')
  assert.equal(rules.chooseSeat(met, 'guest', false, now), 'guest')
  assert.equal(rules.chooseSeat(opened, 'none', false, now), 'guest')
  assert.equal(rules.chooseSeat(paired, 'none', false, now), 'guest')
  assert.equal(rules.chooseSeat(paired, 'none', true, now), undefined)
  assert.equal(rules.chooseSeat(met, 'none', false, now), undefined)
})

test('nobody can have met before both were announced', () => {
  assert.equal(rules.meet(opened, lifetimes, 0), undefined)
  assert.equal(rules.meet(seated, lifetimes, 0), undefined)
})

test('a budget ends at 16 KiB a frame, 64 frames, 256 KiB', () => {
  assert.deepEqual(rules.spend(rules.UNSPENT, 16_384), { frames: 1, bytes: 16_384 })
  assert.equal(rules.spend(rules.UNSPENT, 16_385), 'too_big')
  assert.deepEqual(rules.spend({ frames: 63, bytes: 0 }, 0), { frames: 64, bytes: 0 })
  assert.equal(rules.spend({ frames: 64, bytes: 0 }, 0), 'policy')
  assert.deepEqual(rules.spend({ frames: 15, bytes: 262_143 }, 1), { frames: 16, bytes: 262_144 })
  assert.equal(rules.spend({ frames: 15, bytes: 262_143 }, 2), 'policy')
})

test('a new guest starts with an unspent budget, the host keeps its own', () => {
  const spent = { frames: 9, bytes: 9 }
  const used = { ...paired, spent: { host: spent, guest: spent } }
  assert.deepEqual(rules.seatGuest(used, Uint8Array.of(2), lifetimes, 0).spent, {
    host: spent,
    guest: rules.UNSPENT,
  })
})

test('frames wait for a guest that is to come or to come back, but not for the next one', () => {
  assert.equal(rules.route(paired, 'host', true), 'relay')
  assert.equal(rules.route(opened, 'host', false), 'keep')
  assert.equal(rules.route(met, 'host', false), 'keep')
  assert.equal(rules.route(rules.freeGuest(paired), 'host', false), 'drop')
  assert.equal(rules.route(seated, 'guest', false), 'keep')
})

test('departures: a guest frees its seat before the meeting, a host ends the room only on purpose', () => {
  assert.equal(rules.departure(paired, 'guest', true, true), 'free')
  assert.equal(rules.departure(paired, 'guest', false, true), 'free')
  assert.equal(rules.departure(paired, 'host', true, true), 'end')
  assert.equal(rules.departure(opened, 'host', false, false), 'hold')
  assert.equal(rules.departure(met, 'guest', false, true), 'hold')
  assert.equal(rules.departure(met, 'host', true, true), 'hold')
  assert.equal(rules.departure(met, 'guest', true, false), 'end')
  assert.equal(rules.departure(met, 'guest', false, false), 'hold')
})
