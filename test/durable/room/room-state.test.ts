/** The state of a room and its transitions: deadlines, seats, limits, where frames go, what a closed socket means. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  chooseSeat,
  countFrame,
  freeGuestSeat,
  markMet,
  markPaired,
  newRoom,
  NOTHING_SENT,
  routeFrame,
  seatAfterClose,
  seatGuest,
} from '../../../durable/room/room-state.ts'

const lifetimes = { waitMs: 600_000, confirmMs: 60_000, metMs: 500_000 }
const opened = newRoom(7, new Uint8Array(32), lifetimes, 1_000)
const seated = seatGuest(opened, Uint8Array.of(1), lifetimes, 2_000)
const paired = markPaired(seated, lifetimes, 3_000)
const met = markMet(paired, lifetimes, 4_000) ?? assert.fail('a pair can meet')

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

test('pairing or confirming a second time does not extend the deadline', () => {
  assert.equal(markPaired(paired, lifetimes, 50_000), paired)
  assert.equal(markPaired(met, lifetimes, 50_000), met)
  assert.equal(markMet(met, lifetimes, 50_000), met)
})

test('guests that come and leave do not extend the wait of a room', () => {
  const freed = freeGuestSeat(paired)
  assert.equal(freed.deadlineMs, opened.deadlineMs)
  assert.equal(chooseSeat(freed, 'none', false, opened.deadlineMs), undefined)
})

test('a token takes its own seat; without one only a free guest seat is given, and only before keys are confirmed', () => {
  const now = 5_000
  for (const state of [opened, paired, met]) {
    assert.equal(chooseSeat(state, 'host', true, now), 'host')
    assert.equal(chooseSeat(state, 'wrong', false, now), undefined)
    assert.equal(chooseSeat(state, 'host', true, state.deadlineMs), undefined)
  }
  assert.equal(chooseSeat(paired, 'guest', true, now), 'guest')
  assert.equal(chooseSeat(met, 'guest', false, now), 'guest')
  assert.equal(chooseSeat(opened, 'none', false, now), 'guest')
  assert.equal(chooseSeat(paired, 'none', false, now), 'guest')
  assert.equal(chooseSeat(paired, 'none', true, now), undefined)
  assert.equal(chooseSeat(met, 'none', false, now), undefined)
})

test('a room that is not paired cannot be marked as met', () => {
  assert.equal(markMet(opened, lifetimes, 0), undefined)
  assert.equal(markMet(seated, lifetimes, 0), undefined)
})

test('a frame has at most 16 KiB, and a side sends at most 64 frames and 256 KiB', () => {
  assert.deepEqual(countFrame(NOTHING_SENT, 16_384), { frames: 1, bytes: 16_384 })
  assert.equal(countFrame(NOTHING_SENT, 16_385), 'too_big')
  assert.deepEqual(countFrame({ frames: 63, bytes: 0 }, 0), { frames: 64, bytes: 0 })
  assert.equal(countFrame({ frames: 64, bytes: 0 }, 0), 'policy')
  assert.deepEqual(countFrame({ frames: 15, bytes: 262_143 }, 1), { frames: 16, bytes: 262_144 })
  assert.equal(countFrame({ frames: 15, bytes: 262_143 }, 2), 'policy')
})

test('a new guest starts from zero, and what the host has sent still counts', () => {
  const sent = { frames: 9, bytes: 9 }
  const used = { ...paired, sent: { host: sent, guest: sent } }
  assert.deepEqual(seatGuest(used, Uint8Array.of(2), lifetimes, 0).sent, {
    host: sent,
    guest: NOTHING_SENT,
  })
})

test("frames are kept for a first guest or one that may come back; a host's are dropped after its guest left", () => {
  assert.equal(routeFrame(paired, 'host', true), 'relay')
  assert.equal(routeFrame(opened, 'host', false), 'keep')
  assert.equal(routeFrame(met, 'host', false), 'keep')
  assert.equal(routeFrame(freeGuestSeat(paired), 'host', false), 'drop')
  assert.equal(routeFrame(seated, 'guest', false), 'keep')
})

test('before keys are confirmed a leaving guest frees its seat, and a host ends the room only by a Close frame', () => {
  assert.equal(seatAfterClose(paired, 'guest', true, true), 'free')
  assert.equal(seatAfterClose(paired, 'guest', false, true), 'free')
  assert.equal(seatAfterClose(paired, 'host', true, true), 'end')
  assert.equal(seatAfterClose(opened, 'host', false, false), 'hold')
  assert.equal(seatAfterClose(met, 'guest', false, true), 'hold')
  assert.equal(seatAfterClose(met, 'host', true, true), 'hold')
  assert.equal(seatAfterClose(met, 'guest', true, false), 'end')
  assert.equal(seatAfterClose(met, 'guest', false, false), 'hold')
})
