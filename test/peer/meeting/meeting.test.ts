/** Meetings in a room that follows the protocol: right and wrong words, other versions, time limits, size limits. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { meetAsReceiver, meetAsSender } from '../../../peer/meeting/meeting.ts'
import type { Meeting } from '../../../peer/meeting/meeting.ts'
import { MAX_FRAME_BYTES, MAX_SIDE_FRAMES, closeCode } from '../../../protocol/meeting/room.ts'
import type { Signal } from '../../../protocol/meeting/signals.ts'
import { words } from '../../../protocol/meeting/words.ts'
import { nodeCiphers, webCiphers } from '../../support/peer/aead.ts'
import { settled, VirtualClock } from '../../support/clock.ts'
import { code, ended, metPair, optionsFor, startMeetings } from '../../support/peer/meetings.ts'
import { unseatedSocket, scriptedSeat, pairAgain, roomPair } from '../../support/peer/room-pair.ts'
import type { SeatSocket } from '../../support/peer/room-pair.ts'

function candidate(port: number): Signal {
  return {
    type: 'candidate',
    attempt: 0,
    candidate: `candidate:1 1 udp 1 192.0.2.7 ${port} typ host`,
    sdpMid: '0',
    sdpMLineIndex: 0,
  }
}

async function nextSignal(meeting: Meeting): Promise<Signal | undefined> {
  const result = await meeting.signals.messages[Symbol.asyncIterator]().next()
  return result.done === true ? undefined : result.value
}

test('two sides with the same words get the same keys, one for each direction', async () => {
  const { sender, receiver, room, clock } = await metPair()
  const [ofSender, ofReceiver] = [sender.recordKeys(0), receiver.recordKeys(0)]
  assert.deepEqual(ofSender.send, ofReceiver.receive)
  assert.deepEqual(ofSender.receive, ofReceiver.send)
  assert.notDeepEqual(ofSender.send, ofSender.receive)
  assert.notDeepEqual(sender.recordKeys(1).send, ofSender.send)
  assert.deepEqual(sender.resumeKey.reveal(), receiver.resumeKey.reveal())
  assert.deepEqual(room.host.sentToRoom, [{ type: 'met' }])
  assert.deepEqual(room.guest.sentToRoom, [{ type: 'met' }])
  assert.deepEqual(sender.iceServers, [{ urls: ['stun:192.0.2.1:3478'] }])
  assert.equal(clock.pending, 0)
})

test('a side proves on which host it runs to a peer that knows the same identity, and never by an echo', async () => {
  const [{ sender, receiver }, another] = [await metPair(), await metPair()]
  const [a, b] = [sender.hostProofs('boot 1'), receiver.hostProofs('boot 1')]
  assert.deepEqual([a.own, a.peer], [b.peer, b.own])
  const different = [a.own, a.peer, sender.hostProofs('boot 2').own, another.sender.hostProofs('boot 1').own]
  assert.equal(new Set(different).size, different.length)
})

test('both sides show the same three verification words, different at every meeting', async () => {
  const [first, second] = [await metPair(), await metPair()]
  assert.deepEqual(first.sender.verification, first.receiver.verification)
  assert.equal(first.sender.verification.length, 3)
  assert.ok(first.sender.verification.every((word) => words.includes(word)))
  assert.notDeepEqual(first.sender.verification, second.sender.verification)
})

test('signals arrive in order in both directions, with synchronous and asynchronous ciphers', async () => {
  for (const primitives of [nodeCiphers, webCiphers]) {
    const [{ host, guest }, clock] = [roomPair(), new VirtualClock()]
    const [sender, receiver] = await Promise.all([
      meetAsSender({ ...optionsFor(host, clock), primitives }),
      meetAsReceiver({ ...optionsFor(guest, clock), primitives }),
    ])
    await Promise.all([1, 2, 3].map((port) => sender.signals.send(candidate(port))))
    await receiver.signals.send(candidate(4))
    for (const port of [1, 2, 3]) assert.deepEqual(await nextSignal(receiver), candidate(port))
    assert.deepEqual(await nextSignal(sender), candidate(4))
  }
})

test('each side learns the capabilities of the other', async () => {
  const { host, guest } = roomPair()
  const clock = new VirtualClock()
  const [sender, receiver] = await Promise.all([
    meetAsSender({ ...optionsFor(host, clock), capabilities: ['resume'] }),
    meetAsReceiver({ ...optionsFor(guest, clock), capabilities: ['tree', 'zstd'] }),
  ])
  assert.deepEqual(sender.peerCapabilities, ['tree', 'zstd'])
  assert.deepEqual(receiver.peerCapabilities, ['resume'])
})

test('wrong words end both sides as wrong_code and burn the room', async () => {
  const { sender, receiver, room, clock } = startMeetings({ receiver: 'copper-lady' })
  assert.deepEqual([await sender, await receiver], [{ failure: 'wrong_code' }, { failure: 'wrong_code' }])
  assert.deepEqual(room.host.sentToRoom, [{ type: 'failed' }])
  assert.ok(room.host.closed && room.guest.closed)
  assert.equal(clock.pending, 0)
})

test('the same words in another room end as wrong_code', async () => {
  const { host, guest } = roomPair()
  const clock = new VirtualClock()
  const both = [
    ended(meetAsSender(optionsFor(host, clock, code('copper-label', 7)))),
    ended(meetAsReceiver(optionsFor(guest, clock, code('copper-label', 8)))),
  ]
  assert.deepEqual(await Promise.all(both), [{ failure: 'wrong_code' }, { failure: 'wrong_code' }])
})

test('another version ends both sides as incompatible and does not spend the code', async () => {
  const kept = code()
  const host = scriptedSeat('host')
  const sender = ended(meetAsSender(optionsFor(host, new VirtualClock(), kept)))
  host.receiveFromPeer(Uint8Array.of(1, 2, ...new Uint8Array(16)))
  assert.deepEqual(await sender, { failure: 'incompatible' })
  assert.deepEqual(host.sentToRoom, [])
  const answer = host.sentToPeer[0] ?? assert.fail('the other side was told nothing')
  answer[1] = 2
  const guest = scriptedSeat('guest')
  const receiver = ended(meetAsReceiver(optionsFor(guest, new VirtualClock(), kept)))
  guest.receiveFromPeer(answer)
  assert.deepEqual(await receiver, { failure: 'incompatible' })
  const { host: freshHost, guest: freshGuest } = roomPair()
  const clock = new VirtualClock()
  const receiving = meetAsReceiver(optionsFor(freshGuest, clock))
  await meetAsSender(optionsFor(freshHost, clock, kept))
  await receiving
})

test('a sender waits no longer than a room may exist', async () => {
  const clock = new VirtualClock()
  const host = scriptedSeat('host')
  host.receiveFromRoom({ type: 'peer-left' })
  const waiting = ended(meetAsSender(optionsFor(host, clock)))
  await clock.advance(614_999)
  assert.ok(!host.closed)
  await clock.advance(1)
  assert.deepEqual(await waiting, { failure: 'meeting_timeout' })
  assert.ok(host.closed)
  assert.equal(clock.pending, 0)
})

test('a sender waits as long as its room does', async () => {
  const [clock, host] = [new VirtualClock(), scriptedSeat('host')]
  const waiting = ended(meetAsSender({ ...optionsFor(host, clock), waitMs: 3_600_000 }))
  await clock.advance(3_614_999)
  assert.ok(!host.closed)
  await clock.advance(1)
  assert.deepEqual(await waiting, { failure: 'meeting_timeout' })
})

test('a receiver waits 12 s for a sender that is absent, leaves or does not answer', async () => {
  const moments: Record<string, { failure: string; before: (seat: SeatSocket) => void }> = {
    'never there': {
      failure: 'no_such_room',
      before: (seat) => seat.receiveFromRoom({ type: 'seated', seat: 'guest' }),
    },
    silent: { failure: 'interrupted', before: pairAgain },
    left: {
      failure: 'interrupted',
      before: (seat) => {
        pairAgain(seat)
        seat.receiveFromRoom({ type: 'peer-left' })
      },
    },
  }
  for (const [moment, { failure, before }] of Object.entries(moments)) {
    const [seat, clock] = [unseatedSocket(), new VirtualClock()]
    before(seat)
    const waiting = ended(meetAsReceiver(optionsFor(seat, clock)))
    // oxlint-disable no-await-in-loop -- each has a clock of its own
    await clock.advance(11_999)
    assert.ok(!seat.closed, moment)
    await clock.advance(1)
    assert.deepEqual(await waiting, { failure }, moment)
    assert.equal(clock.pending, 0)
    // oxlint-enable no-await-in-loop
  }
})

test('a sender that returns to its seat within 12 s is met', async () => {
  const { sender, receiver, room, clock } = startMeetings({}, ({ guest, host }) => {
    host.fault = (message, index) => (index === 0 ? [] : [message])
    guest.receiveFromRoom({ type: 'peer-left' })
  })
  await clock.advance(11_000)
  for (const seat of [room.host, room.guest]) pairAgain(seat)
  await settled()
  assert.ok((await receiver).meeting)
  assert.ok((await sender).meeting)
})

test('the close code of the room determines the reported failure', async () => {
  const reasons = {
    4000: 'no_such_room',
    4001: 'meeting_timeout',
    4002: 'wrong_code',
    4003: 'broken_protocol',
    1006: 'edge_unreachable',
  }
  assert.equal(closeCode('wrong_code'), 4002)
  for (const [closing, failure] of Object.entries({ ...reasons, 1000: 'interrupted', 4004: 'interrupted' })) {
    const guest = scriptedSeat('guest')
    guest.events.push({ type: 'closed', closeCode: Number(closing) })
    assert.deepEqual(await ended(meetAsReceiver(optionsFor(guest, new VirtualClock()))), { failure }, closing)
  }
})

test('a socket that ends or fails without a close code is reported as edge_unreachable', async () => {
  for (const error of [undefined, new Error('reset')]) {
    const guest = scriptedSeat('guest')
    guest.events.end(error)
    assert.deepEqual(await ended(meetAsReceiver(optionsFor(guest, new VirtualClock()))), {
      failure: 'edge_unreachable',
    })
  }
})

test('aborting ends a waiting meeting as cancelled', async () => {
  const [host, clock, controller] = [scriptedSeat('host'), new VirtualClock(), new AbortController()]
  const waiting = ended(meetAsSender({ ...optionsFor(host, clock), signal: controller.signal }))
  controller.abort()
  assert.deepEqual(await waiting, { failure: 'cancelled' })
  assert.ok(host.closed)
  assert.equal(clock.pending, 0)
})

test('an unknown message of the room, or the wrong seat, is reported as broken_protocol', async () => {
  for (const text of ['{}', 'hello', '{"type":"seated","seat":"guest"}', '{"type":"met"}']) {
    const host = scriptedSeat('host')
    host.events.push({ type: 'control', text })
    assert.deepEqual(
      await ended(meetAsSender(optionsFor(host, new VirtualClock()))),
      { failure: 'broken_protocol' },
      text,
    )
  }
})

test('more or longer messages than a room may relay are refused', async () => {
  const join = Uint8Array.of(1, 1, ...new Uint8Array(16))
  const floods = [
    Array.from({ length: MAX_SIDE_FRAMES + 1 }, () => join),
    [new Uint8Array(MAX_FRAME_BYTES + 1).fill(5)],
  ]
  for (const flood of floods) {
    const host = scriptedSeat('host')
    for (const message of flood) host.receiveFromPeer(message)
    assert.deepEqual(await ended(meetAsSender(optionsFor(host, new VirtualClock()))), {
      failure: 'broken_protocol',
    })
  }
})

test('a room that sends more messages of its own in a second than guests can cause is refused', async () => {
  const [host, clock] = [scriptedSeat('host'), new VirtualClock()]
  const sender = ended(meetAsSender(optionsFor(host, clock)))
  for (let frames = 0; frames < 1_000; frames++) {
    host.receiveFromRoom({ type: 'peer-left' })
    // oxlint-disable-next-line no-await-in-loop -- few enough at a time
    if (frames % 100 === 0) await settled()
  }
  assert.deepEqual(await sender, { failure: 'broken_protocol' })
})

test('leaving the room ends the signals of both sides', async () => {
  const { sender, receiver } = await metPair()
  sender.close()
  await assert.rejects(nextSignal(receiver), { code: 'interrupted' })
  await assert.rejects(nextSignal(sender), { code: 'interrupted' })
  await assert.rejects(sender.signals.send(candidate(1)), { code: 'edge_unreachable' })
})
