/** A meeting whose room is evicted together with its sockets, as in a deployment: both sides return, and the meeting continues. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
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
import { serve } from '../../support/edge/fake-edge.ts'
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

test('an edge that cuts every socket as soon as it is open is reported once', async (t) => {
  let opened = 0
  const fourTimes = Promise.withResolvers<void>()
  const edgeUrl = await serve(
    t,
    () => {},
    (socket, key) => {
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
      const headers = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Protocol: voltdrop.v1']
      socket.write(['HTTP/1.1 101 x', ...headers, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'))
      if (++opened === 4) fourTimes.resolve()
      socket.on('error', () => {})
      // Once the client has seen its socket open, it sends.
      socket.once('data', () => socket.destroy())
    },
  )
  const leave = new AbortController()
  let lost = 0
  const request = {
    edge: edgeUrl,
    room: 7,
    token: 'A'.repeat(22),
    signal: leave.signal,
    onLost: () => lost++,
  }
  const socket = await takeLastingSeat(request)
  void (async () => {
    for await (const _event of socket.events);
  })()
  const speaking = setInterval(() => socket.sendControl(PING), 1)
  t.after(() => clearInterval(speaking))
  await fourTimes.promise
  leave.abort()
  socket.close()
  assert.equal(lost, 1)
})
