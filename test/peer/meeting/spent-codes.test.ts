/** When a code is spent and when it is not: whatever ends a meeting after a share, guests that leave before theirs, the note before the try. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { meetAsReceiver, meetAsSender } from '../../../peer/meeting/meeting.ts'
import { VoltdropError } from '../../../protocol/errors.ts'
import { drop } from '../../support/peer/channel-pair.ts'
import { settled, VirtualClock } from '../../support/clock.ts'
import { code, ended, optionsFor } from '../../support/peer/meetings.ts'
import { pairAgain, roomPair, scriptedSeat } from '../../support/peer/room-pair.ts'
import type { SeatSocket } from '../../support/peer/room-pair.ts'

test('a code is never used again after a share was processed', async () => {
  const spent = code()
  const { host, guest } = roomPair()
  const first = ended(meetAsSender(optionsFor(host, new VirtualClock(), spent)))
  await ended(meetAsReceiver(optionsFor(guest, new VirtualClock(), code('copper-lady'))))
  assert.deepEqual(await first, { failure: 'wrong_code' })
  const again = scriptedSeat('host')
  await assert.rejects(meetAsSender(optionsFor(again, new VirtualClock(), spent)), { code: 'code_spent' })
  assert.deepEqual(again.sentToPeer, [])
})

test('a guest that leaves without a guess does not spend the code, and the next guest gets a new share', async () => {
  for (const leaving of [true, false]) {
    const { host, guest } = roomPair()
    host.fault = drop(0) // what is sent to the guest who leaves never reaches the next one
    const sender = meetAsSender(optionsFor(host, new VirtualClock()))
    host.receiveFromPeer(Uint8Array.of(1, 1, ...new Uint8Array(16)))
    await settled()
    if (leaving) host.receiveFromRoom({ type: 'peer-left' })
    pairAgain(host)
    const receiver = await meetAsReceiver(optionsFor(guest, new VirtualClock()))
    assert.deepEqual((await sender).verification, receiver.verification)
    const shares = host.sentToPeer
      .filter(([type]) => type === 2)
      .map((share) => Buffer.from(share).toString('hex'))
    assert.equal(new Set(shares).size, 2)
  }
})

test('a guest that leaves before its share costs nothing: after a thousand of them the code still works', async () => {
  const [{ host, guest }, clock] = [roomPair(), new VirtualClock()]
  const join = Uint8Array.of(1, 1, ...new Uint8Array(16))
  host.fault = () => []
  let left = 0
  const sender = meetAsSender({ ...optionsFor(host, clock), onPeerLeft: () => left++ })
  for (let visit = 0; visit < 1_000; visit++) {
    // Those that begin a meeting make the sender draw a share.
    if (visit % 5 === 0) host.receiveFromPeer(join)
    host.receiveFromRoom({ type: 'peer-left' })
    pairAgain(host)
    // oxlint-disable-next-line no-await-in-loop -- one guest after the other
    await clock.advance(10)
  }
  await settled()
  assert.equal(left, 1_000)
  host.fault = (message) => [message]
  const receiver = await meetAsReceiver(optionsFor(guest, clock))
  assert.deepEqual((await sender).verification, receiver.verification)
})

/** A receiver whose share has left, and that has no answer yet. */
async function receiverAfterItsShare(signal?: AbortSignal) {
  const [{ host, guest }, clock, used] = [roomPair(), new VirtualClock(), code()]
  const answers = meetAsSender(optionsFor(host, clock))
  answers.catch(() => {})
  host.fault = (message, index) => (index === 0 ? [message] : [])
  const options = optionsFor(guest, clock, used)
  const receiver = ended(meetAsReceiver(signal === undefined ? options : { ...options, signal }))
  await settled()
  assert.equal(guest.sentToPeer.at(-1)?.[0], 3, 'share B')
  return { guest, clock, receiver, used }
}

test('whatever ends the meeting after share B has left, the code is spent; only the user ends it as cancelled', async () => {
  const stop = new AbortController()
  const endings: Record<string, (seat: SeatSocket, clock: VirtualClock) => unknown> = {
    'the connection is cut': (seat) => seat.events.end(new Error('reset')),
    'the room closes it with 1006': (seat) => seat.events.push({ type: 'closed', closeCode: 1006 }),
    'the edge restarts': (seat) => seat.events.push({ type: 'closed', closeCode: 1012 }),
    'the room is gone': (seat) => seat.closeByRoom('no_such_room'),
    'the room expires': (seat) => seat.closeByRoom('meeting_timeout'),
    'the seat is taken': (seat) => seat.closeByRoom('replaced'),
    'the other side leaves': (seat) => seat.receiveFromRoom({ type: 'peer-left' }),
    'nothing comes': (_, clock) => clock.advance(12_000),
    'nonsense comes': (seat) => seat.receiveFromPeer(Uint8Array.of(9)),
    'the room talks nonsense': (seat) => seat.events.push({ type: 'control', text: '{}' }),
    'another version comes': (seat) => seat.receiveFromPeer(Uint8Array.of(2, 9)),
    'time is up': () => stop.abort(new VoltdropError('meeting_timeout')),
  }
  for (const [what, end] of Object.entries(endings)) {
    // oxlint-disable no-await-in-loop -- each has a clock of its own
    const { guest, clock, receiver, used } = await receiverAfterItsShare(stop.signal)
    await end(guest, clock)
    await clock.advance(2_000)
    assert.deepEqual(await receiver, { failure: 'code_spent' }, what)
    const again = ended(meetAsReceiver(optionsFor(scriptedSeat('guest'), clock, used)))
    assert.deepEqual(await again, { failure: 'code_spent' })
    // oxlint-enable no-await-in-loop
  }
  const user = new AbortController()
  const { receiver } = await receiverAfterItsShare(user.signal)
  user.abort(new VoltdropError('cancelled'))
  assert.deepEqual(await receiver, { failure: 'cancelled' })
})

test('that a code is tried is noted before share B leaves, and a code that may not be tried is not', async () => {
  for (const refused of [false, true]) {
    const [{ host, guest }, clock, used] = [roomPair(), new VirtualClock(), code()]
    const sender = ended(meetAsSender(optionsFor(host, clock)))
    const sentBefore: number[] = []
    function beforeGuess(): void {
      sentBefore.push(guest.sentToPeer.length)
      if (refused) throw new VoltdropError('code_spent')
    }
    // oxlint-disable no-await-in-loop -- each has a room of its own
    const receiver = await ended(meetAsReceiver({ ...optionsFor(guest, clock, used), beforeGuess }))
    assert.deepEqual(sentBefore, [1], 'only the join has left')
    assert.equal(receiver.failure, refused ? 'code_spent' : undefined)
    assert.equal(guest.sentToPeer.length, refused ? 1 : 2)
    if (!refused) assert.ok((await sender).meeting)
    // oxlint-enable no-await-in-loop
  }
})

test('a guest that sends nothing until the room frees its seat costs the sender nothing', async () => {
  const [{ host, guest }, clock] = [roomPair(), new VirtualClock()]
  const sender = meetAsSender(optionsFor(host, clock))
  await clock.advance(60_000)
  host.receiveFromRoom({ type: 'peer-left' })
  pairAgain(host)
  const receiver = await meetAsReceiver(optionsFor(guest, clock))
  assert.deepEqual((await sender).verification, receiver.verification)
})
