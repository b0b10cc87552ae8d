/** What a room refuses: frames that are too large or too many, and text frames outside the protocol. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { MAX_FRAME_BYTES, MAX_SIDE_FRAMES } from '../../../protocol/meeting/room.ts'
import { roomsEdge } from '../../support/edge/edge.ts'
import { openRoom, pairUp, RoomClient } from '../../support/edge/room-client.ts'

const edge = await roomsEdge()
after(() => edge.close())

async function waitingHost() {
  const room = await openRoom(edge.url)
  const host = new RoomClient(edge.url, room.number, { token: room.token })
  await host.seated()
  return { ...room, host }
}

test('a frame of 16 KiB is relayed; one byte more closes its sender with 1009, and so do 17 KiB', async () => {
  const { host, guest } = await pairUp(edge.url)
  const largest = new Uint8Array(MAX_FRAME_BYTES).fill(7)
  host.send(largest)
  assert.deepEqual(await guest.next(), { bytes: largest })
  host.send(new Uint8Array(MAX_FRAME_BYTES + 1))
  assert.deepEqual(await host.next(), { closed: 1009 })
  guest.send(new Uint8Array(17 * 1024))
  assert.deepEqual(await guest.next(), { room: { type: 'peer-left' } })
  assert.deepEqual(await guest.next(), { closed: 1009 })
})

test('the 65th frame of a guest closes it with 1008, and its seat is free for another', async () => {
  const { number, host, guest } = await pairUp(edge.url)
  for (let frame = 0; frame < MAX_SIDE_FRAMES; frame++) {
    guest.send(Uint8Array.of(frame))
    assert.deepEqual(await host.next(), { bytes: Uint8Array.of(frame) })
  }
  guest.send(Uint8Array.of(64))
  assert.deepEqual(await guest.next(), { closed: 1008 })
  assert.deepEqual(await host.next(), { room: { type: 'peer-left' } })
  const next = new RoomClient(edge.url, number)
  await next.seated()
  await next.paired()
})

test('a side may send 256 KiB and not a byte more, even while the other seat is empty', async () => {
  const { host } = await waitingHost()
  const sixteenth = new Uint8Array(MAX_FRAME_BYTES)
  for (let frame = 0; frame < 16; frame++) host.send(sixteenth)
  await host.echo()
  host.send(Uint8Array.of(1))
  assert.deepEqual(await host.next(), { closed: 1008 })
})

test('frames kept up to the limit all reach the guest', async () => {
  const { number, host } = await waitingHost()
  const frames = Array.from({ length: 16 }, (_, frame) => new Uint8Array(MAX_FRAME_BYTES).fill(frame))
  for (const frame of frames) host.send(frame)
  await host.echo()
  const guest = new RoomClient(edge.url, number)
  await guest.seated()
  await guest.paired()
  for (const frame of frames) assert.deepEqual(await guest.next(), { bytes: frame })
})

const garbage = [
  '',
  'PING',
  '{}',
  'null',
  '{"type":"met","extra":1}',
  '{"type":"seated","seat":"host"}',
  `{"type":"met"${' '.repeat(60)}}`,
  '['.repeat(16_000),
  '\u{1F50B}'.repeat(100),
]

test('a text frame outside the protocol closes its sender with 4003 and is not relayed', async () => {
  for (const text of garbage) {
    const { host, guest } = await pairUp(edge.url)
    guest.send(text)
    assert.deepEqual(await guest.next(), { closed: 4003 }, text.slice(0, 40))
    assert.deepEqual(await host.next(), { room: { type: 'peer-left' } })
  }
})

test('`met` before the room is paired closes with 4003', async () => {
  const { host } = await waitingHost()
  host.say({ type: 'met' })
  assert.deepEqual(await host.next(), { closed: 4003 })
})
