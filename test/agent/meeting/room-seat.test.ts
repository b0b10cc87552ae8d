/** A meeting whose room is evicted together with its sockets, as in a deployment: both sides return, and the meeting continues. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { TestContext } from 'node:test'
import { systemClock } from '../../../agent/clock.ts'
import { takeLastingSeat } from '../../../agent/meeting/room-seat.ts'
import { meetAsReceiver, meetAsSender } from '../../../peer/meeting/meeting.ts'
import type { Meeting } from '../../../peer/meeting/meeting.ts'
import type { RoomSocket } from '../../../peer/channel.ts'
import { PING } from '../../../protocol/meeting/room.ts'
import type { Signal } from '../../../protocol/meeting/signals.ts'
import { nodeCiphers } from '../../support/peer/aead.ts'
import { roomsEdge } from '../../support/edge/edge.ts'
import { code } from '../../support/peer/meetings.ts'
import { openRoom } from '../../support/edge/room-client.ts'

const edge = await roomsEdge()
after(() => edge.close())

/** A seat, and a promise that resolves when its socket is lost. */
async function seat(t: TestContext, room: number, token?: string) {
  const lost = Promise.withResolvers<void>()
  const request = { edge: new URL(`${edge.url}/`), room, token, signal: t.signal, onLost: lost.resolve }
  const socket = await takeLastingSeat(request)
  // workerd releases a socket that never sent anything only when its room hibernates, 10 s after the Close frame.
  socket.sendControl(PING)
  return { socket, lost: lost.promise }
}

function options(socket: RoomSocket, room: number) {
  return {
    socket,
    code: code('copper-label', room),
    primitives: nodeCiphers,
    clock: systemClock,
  }
}

function description(type: 'offer' | 'answer'): Signal {
  return {
    type,
    attempt: 0,
    sdp: `m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=fingerprint:sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}\r\n`,
  }
}

async function nextSignal(meeting: Meeting): Promise<string | undefined> {
  const { value } = await meeting.signals.messages[Symbol.asyncIterator]().next()
  return value?.type
}

test('a waiting sender and a pair between offer and answer survive a redeployment of the edge', async (t) => {
  const { number, token } = await openRoom(edge.url)
  const host = await seat(t, number, token)
  const waiting = meetAsSender(options(host.socket, number))
  await edge.evictRoom(number, 'close')
  await host.lost
  const guest = await seat(t, number)
  const [sender, receiver] = await Promise.all([waiting, meetAsReceiver(options(guest.socket, number))])
  t.after(() => [sender, receiver].forEach((meeting) => meeting.close()))
  await sender.signals.send(description('offer'))
  assert.equal(await nextSignal(receiver), 'offer')
  await edge.evictRoom(number, 'close')
  await guest.lost
  await receiver.signals.send(description('answer'))
  assert.equal(await nextSignal(sender), 'answer')
})
