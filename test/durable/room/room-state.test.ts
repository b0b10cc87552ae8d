/** The state of a room and its transitions: deadlines, seats, limits, where frames go, what a closed socket means. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  atDeadline,
  chooseSeat,
  countFrame,
  freeGuestSeat,
  markHost,
  markMet,
  markPaired,
  newRoom,
  NOTHING_SENT,
  routeFrame,
  seatAfterClose,
  seatGuest,
} from '../../../durable/room/room-state.ts'

const lifetimes = { waitMs: 600_000, hostAwayMs: 100_000, confirmMs: 60_000, metMs: 500_000 }
const unheld = newRoom(7, new Uint8Array(32), lifetimes, 1_000)
const opened = markHost(unheld, true, lifetimes, 1_500)
const seated = seatGuest(opened, Uint8Array.of(1), lifetimes, 2_000)
const paired = markPaired(seated, lifetimes, 3_000)
const hostMet = markMet(paired, 'host', lifetimes, 3_500) ?? assert.fail('a pair can meet')
const guestMet = markMet(paired, 'guest', lifetimes, 3_500) ?? assert.fail('a pair can meet')
const met = markMet(hostMet, 'guest', lifetimes, 4_000) ?? assert.fail('a pair can meet')

test('each phase has its own deadline', () => {
  assert.deepEqual(
    [unheld, opened, seated, paired, met].map(({ phase, deadlineMs }) => [phase, deadlineMs]),
    [
      ['waiting', 101_000],
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
  assert.equal(markMet(met, 'guest', lifetimes, 50_000), met)
  assert.equal(markMet(guestMet, 'guest', lifetimes, 50_000), guestMet)
})

test('a room is met when both have said so, in either order', () => {
  for (const half of [hostMet, guestMet]) {
    assert.deepEqual([half.phase, half.deadlineMs], ['paired', paired.deadlineMs])
    const other = half === hostMet ? 'guest' : 'host'
    assert.equal(markMet(half, other, lifetimes, 4_000)?.phase, 'met')
  }
  assert.equal(markMet(freeGuestSeat(guestMet), 'host', lifetimes, 4_000), undefined)
})

test("the host's met reserves the seat for its guest, and the guest's own does not", () => {
  assert.equal(chooseSeat(hostMet, 'none', false, 5_000), undefined)
  assert.equal(chooseSeat(guestMet, 'none', false, 5_000), 'guest')
  assert.equal(seatAfterClose(hostMet, 'guest', false, true), 'hold')
  assert.equal(seatAfterClose(hostMet, 'guest', true, true), 'free')
  assert.equal(seatAfterClose(guestMet, 'guest', false, true), 'free')
})

test('a guest that is late loses its seat, and the room waits on until its own end', () => {
  for (const late of [seated, paired, hostMet]) assert.equal(atDeadline(late, late.deadlineMs), 'free')
  assert.equal(atDeadline(paired, opened.deadlineMs), 'end')
  assert.equal(atDeadline(opened, opened.deadlineMs), 'end')
  assert.equal(atDeadline(met, met.deadlineMs), 'end')
})

test('a room without its host waits for a shorter time, which begins again only after the host was there', () => {
  const left = markHost(opened, false, lifetimes, 10_000)
  assert.equal(left.deadlineMs, 110_000)
  assert.equal(markHost(left, false, lifetimes, 50_000).deadlineMs, 110_000)
  assert.equal(markHost(left, true, lifetimes, 50_000).deadlineMs, opened.deadlineMs)
  assert.equal(markHost(opened, false, lifetimes, 590_000).deadlineMs, opened.deadlineMs)
  const guest = seatGuest(left, Uint8Array.of(1), lifetimes, 20_000)
  assert.equal(guest.deadlineMs, 80_000)
  assert.equal(freeGuestSeat(guest).deadlineMs, 110_000)
  assert.equal(markHost(paired, false, lifetimes, 10_000).deadlineMs, paired.deadlineMs)
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
  for (const state of [opened, seated]) assert.equal(markMet(state, 'host', lifetimes, 0), undefined)
})

test('a frame has at most 16 KiB, and a side sends at most 64 frames and 256 KiB', () => {
  assert.deepEqual(countFrame(NOTHING_SENT, 16_384), { frames: 1, bytes: 16_384 })
  assert.equal(countFrame(NOTHING_SENT, 16_385), 'too_big')
  assert.deepEqual(countFrame({ frames: 63, bytes: 0 }, 0), { frames: 64, bytes: 0 })
  assert.equal(countFrame({ frames: 64, bytes: 0 }, 0), 'policy')
  assert.deepEqual(countFrame({ frames: 15, bytes: 262_143 }, 1), { frames: 16, bytes: 262_144 })
  assert.equal(countFrame({ frames: 15, bytes: 262_143 }, 2), 'policy')
})

test('with a new guest both sides start from zero; only what the host sent to the first one counts', () => {
  const sent = { frames: 9, bytes: 9 }
  const used = { host: sent, guest: sent }
  const nothing = { host: NOTHING_SENT, guest: NOTHING_SENT }
  assert.deepEqual(seatGuest({ ...paired, sent: used }, Uint8Array.of(2), lifetimes, 0).sent, nothing)
  assert.deepEqual(freeGuestSeat({ ...paired, sent: used }).sent, nothing)
  const early = seatGuest({ ...opened, sent: used }, Uint8Array.of(2), lifetimes, 0)
  assert.deepEqual(early.sent, { host: sent, guest: NOTHING_SENT })
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
