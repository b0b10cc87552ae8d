/** A hostile room that changes, drops, repeats, reorders, reflects, forges and guesses: it can make a meeting fail, but never gets its keys. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { meetAsReceiver, meetAsSender } from '../../../peer/meeting/meeting.ts'
import type { Meeting } from '../../../peer/meeting/meeting.ts'
import { asVoltdropError } from '../../../protocol/errors.ts'
import { encodeShareA, encodeShareB } from '../../../protocol/meeting/meeting-messages.ts'
import type { Signal } from '../../../protocol/meeting/signals.ts'
import { drop, flip, repeat, swap } from '../../support/peer/channel-pair.ts'
import type { Fault } from '../../support/peer/channel-pair.ts'
import { VirtualClock, settled } from '../../support/clock.ts'
import { code, ended, optionsFor, startMeetings } from '../../support/peer/meetings.ts'
import type { Started } from '../../support/peer/meetings.ts'
import { scriptedSeat, roomPair } from '../../support/peer/room-pair.ts'
import type { SeatSocket } from '../../support/peer/room-pair.ts'

/** The failures that a disturbed meeting may end with (PROTOCOL.md section 3). */
const documented = [
  'wrong_code',
  'code_spent',
  'tampered',
  'broken_protocol',
  'incompatible',
  'meeting_timeout',
  'interrupted',
]

function signal(attempt: number): Signal {
  return {
    type: 'candidate',
    attempt,
    candidate: `candidate:1 1 udp 1 192.0.2.7 ${attempt} typ host`,
    sdpMid: '0',
    sdpMLineIndex: 0,
  }
}

/** Sends three signals and reads those of the other side, until they end or fail. */
async function exchange(meeting: Meeting): Promise<{ read: Signal[]; failure: string }> {
  const read: Signal[] = []
  try {
    // If the room is already gone, reading fails with the reason.
    for (const attempt of [0, 1, 2]) await meeting.signals.send(signal(attempt)).catch(() => {})
    for await (const received of meeting.signals.messages) read.push(received)
    return { read, failure: 'none' }
  } catch (error) {
    return { read, failure: asVoltdropError(error).code }
  }
}

/** Runs both sides to their end and checks that a side that completed the meeting completed it with the right peer. */
async function outcome({ room, clock, ...both }: Started): Promise<string[]> {
  const sides = [both.sender, both.receiver]
  const exchanges = sides.map(async (side) => {
    const { meeting, failure } = await side
    return meeting ? exchange(meeting) : { read: [], failure: failure ?? 'none' }
  })
  await settled()
  await clock.advance(700_000)
  const [sender, receiver] = await Promise.all(sides)
  // Both seats become empty, which ends the signals.
  for (const seat of [room.host, room.guest]) if (!seat.closed) seat.receiveFromRoom({ type: 'peer-left' })
  const ends = await Promise.all(exchanges)
  if (sender?.meeting && receiver?.meeting) {
    assert.deepEqual(sender.meeting.recordKeys(0).send, receiver.meeting.recordKeys(0).receive)
    assert.deepEqual(sender.meeting.verification, receiver.meeting.verification)
  }
  for (const { read, failure } of ends) {
    assert.ok(documented.includes(failure), failure)
    assert.deepEqual(
      read,
      [signal(0), signal(1), signal(2)].slice(0, read.length),
      'only signals that were sent, in order',
    )
  }
  assert.equal(clock.pending, 0)
  return ends.map(({ failure }) => failure)
}

type Seat = 'host' | 'guest'

/** The message goes back to its sender instead of to the other seat. */
function reflect(target: number, seat: () => SeatSocket): Fault {
  return (message, index) => {
    if (index !== target) return [message]
    seat().receiveFromPeer(message)
    return []
  }
}

const faults: Record<string, (target: number, seat: () => SeatSocket) => Fault> = {
  'flips the first byte of': (target) => flip(target, 0),
  'flips the second byte of': (target) => flip(target, 1),
  'flips a byte within': (target) => flip(target, 17, 0x80),
  'flips the last byte of': (target) => flip(target, -1),
  drops: (target) => drop(target),
  repeats: (target) => repeat(target),
  reorders: (target) => swap(target),
  reflects: reflect,
}

for (const [verb, fault] of Object.entries(faults)) {
  test(`a room that ${verb} any of the first messages never gets keys, and the peers agree or fail`, async () => {
    for (const from of ['host', 'guest'] as const satisfies Seat[]) {
      // Each side sends two messages of the handshake and three signals.
      for (let target = 0; target < 5; target++) {
        function interfere(room: Record<Seat, SeatSocket>): void {
          room[from].fault = fault(target, () => room[from])
        }
        const ends = await outcome(startMeetings({}, interfere))
        const harmless = verb === 'repeats' && target < 2
        // An undisturbed exchange ends as `interrupted`, when the seats become empty.
        const noticed = ends.some((end) => end !== 'interrupted')
        const lostAtTheEnd = (verb === 'drops' || verb === 'reorders') && target === 4
        assert.equal(noticed, !harmless && !lostAtTheEnd, `${from} message ${target}: ${ends.join(', ')}`)
      }
    }
  })
}

test('a room that answers both sides itself fails with wrong_code, and both codes are spent', async () => {
  const [first, second] = [roomPair(), roomPair()]
  const clock = new VirtualClock()
  const codes = [code(), code()] as const
  const attacker = [ended(meetAsReceiver(optionsFor(first.guest, clock, code('zoo-zoo'))))]
  attacker.push(ended(meetAsSender(optionsFor(second.host, clock, code('zoo-zoo')))))
  const peers = [ended(meetAsSender(optionsFor(first.host, clock, codes[0])))]
  peers.push(ended(meetAsReceiver(optionsFor(second.guest, clock, codes[1]))))
  for (const end of await Promise.all([...peers, ...attacker]))
    assert.deepEqual(end, { failure: 'wrong_code' })
  await assert.rejects(meetAsSender(optionsFor(scriptedSeat('host'), clock, codes[0])), {
    code: 'code_spent',
  })
  await assert.rejects(meetAsReceiver(optionsFor(scriptedSeat('guest'), clock, codes[1])), {
    code: 'code_spent',
  })
})

test('only the first share is processed: a second one is ignored', async () => {
  const [host, clock] = [scriptedSeat('host'), new VirtualClock()]
  const sender = ended(meetAsSender(optionsFor(host, clock)))
  host.receiveFromPeer(Uint8Array.of(1, 1, ...new Uint8Array(16)))
  for (const word of [1, 2])
    host.receiveFromPeer(encodeShareB(new Uint8Array(32).fill(word), new Uint8Array(0), new Uint8Array(64)))
  assert.deepEqual(await sender, { failure: 'wrong_code' })
  await settled()
  assert.deepEqual(
    host.sentToPeer.map(([type]) => type),
    [2],
    'no confirmation was ever sent',
  )
  assert.deepEqual(host.sentToRoom, [{ type: 'failed' }])
})

test('a second join and a second share that the room forges do not affect the meeting', async () => {
  const started = startMeetings({}, ({ host, guest }) => {
    guest.fault = (message, index) =>
      index === 0 ? [message, Uint8Array.of(1, 1, ...new Uint8Array(16).fill(9))] : [message]
    const own = encodeShareA(new Uint8Array(16), new Uint8Array(32).fill(3), new TextEncoder().encode('{}'))
    host.fault = (message, index) => (index === 0 ? [message, own] : [message])
  })
  assert.deepEqual(await outcome(started), ['interrupted', 'interrupted'])
  assert.ok((await started.sender).meeting && (await started.receiver).meeting)
})

test('a share that is neutral, invalid or reflected ends as wrong_code', async () => {
  for (const share of ['neutral', 'invalid', 'reflected'] as const) {
    const [host, clock] = [scriptedSeat('host'), new VirtualClock()]
    const sender = ended(meetAsSender(optionsFor(host, clock)))
    host.receiveFromPeer(Uint8Array.of(1, 1, ...new Uint8Array(16)))
    await settled()
    const own = host.sentToPeer[0]?.subarray(18, 50) ?? assert.fail('no share')
    const bytes = { neutral: new Uint8Array(32), invalid: new Uint8Array(32).fill(0xff), reflected: own }[
      share
    ]
    host.receiveFromPeer(encodeShareB(bytes, new TextEncoder().encode('{}'), new Uint8Array(64)))
    assert.deepEqual(await sender, { failure: 'wrong_code' }, share)
    assert.deepEqual(host.sentToRoom, [{ type: 'failed' }], share)
  }
})

test('a room that edits the associated data of a side is detected', async () => {
  function edit(message: Uint8Array): Uint8Array[] {
    const text = Buffer.from(message).toString('latin1').replace('"version":1', '"version":0')
    return [Uint8Array.from(Buffer.from(text, 'latin1'))]
  }
  for (const from of ['host', 'guest'] as const) {
    const ends = await outcome(startMeetings({}, (room) => (room[from].fault = edit)))
    assert.ok(ends.includes('wrong_code'), ends.join())
  }
})

test('the words are never sent, and with equal random numbers only shares and confirmations depend on them', async () => {
  async function wireOf(words: string): Promise<Uint8Array[]> {
    const { host, guest } = roomPair()
    function random(length: number): Uint8Array {
      return new Uint8Array(length).fill(5)
    }
    const [clock, secret] = [new VirtualClock(), (): ReturnType<typeof code> => code(words)]
    const sender = meetAsSender({ ...optionsFor(host, clock, secret()), random })
    const receiver = await meetAsReceiver({
      ...optionsFor(guest, clock, secret()),
      random: (length) => random(length).fill(6),
    })
    await receiver.signals.send(signal(0))
    ;(await sender).close()
    const control = [...host.sentToRoom, ...guest.sentToRoom].map((said) => Buffer.from(JSON.stringify(said)))
    const wire = [...guest.sentToPeer, ...host.sentToPeer]
    const all = Buffer.concat([...wire, ...control])
      .toString('latin1')
      .toLowerCase()
    for (const word of words.split('-')) assert.ok(!all.includes(word), `${word} is on the wire`)
    return wire
  }
  const [first, second] = [await wireOf('copper-label'), await wireOf('zebra-ocean')]
  const secretParts: Record<number, [number, number][]> = {
    1: [],
    2: [[18, 50]],
    3: [
      [1, 33],
      [-64, 0],
    ],
    4: [[1, 65]],
    5: [[1, 0]],
  }
  function inClear(message: Uint8Array): string {
    const copy = message.slice()
    for (const [start, end] of secretParts[message[0] ?? 0] ?? assert.fail('unknown'))
      copy.fill(0, start, end === 0 ? undefined : end)
    return Buffer.from(copy).toString('hex')
  }
  assert.notDeepEqual(first, second)
  assert.deepEqual(first.map(inClear), second.map(inClear))
})
