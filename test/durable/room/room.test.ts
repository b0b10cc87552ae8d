/** A room in real workerd: pairing, relaying in order, refusals that disclose nothing, and what happens when a side leaves. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { tokenSubprotocol } from '../../../protocol/meeting/room.ts'
import { roomsEdge } from '../../support/edge/edge.ts'
import { openRoom, pairUp, RoomClient, seatAndBreak } from '../../support/edge/room-client.ts'

const edge = await roomsEdge()
after(() => edge.close())

function bytes(...values: number[]) {
  return Uint8Array.from(values)
}

async function tablesOf(number: number) {
  const storage = await edge.storageOf('Room', String(number))
  // The local runtime notes the name of each object it has met in a table of its own.
  return await storage.exec("SELECT name FROM sqlite_master WHERE name <> '__miniflare_do_name'")
}

test('two agents are seated and paired, and their frames are relayed unchanged', async () => {
  const { host, guest } = await pairUp(edge.url)
  guest.send(bytes(1, 2, 3))
  assert.deepEqual(await host.next(), { bytes: bytes(1, 2, 3) })
  host.send(bytes(0xff, 0))
  host.send(bytes())
  assert.deepEqual(await guest.next(), { bytes: bytes(0xff, 0) })
  assert.deepEqual(await guest.next(), { bytes: bytes() })
  assert.equal(host.protocol, 'voltdrop.v1')
})

test("the host's token gives it the host seat, and a guest gets a token of its own", async () => {
  const room = await openRoom(edge.url)
  const host = new RoomClient(edge.url, room.number, { token: room.token })
  assert.deepEqual(await host.next(), { room: { type: 'seated', seat: 'host' } })
  const guest = new RoomClient(edge.url, room.number)
  const token = await guest.seated()
  assert.notEqual(token, undefined)
  assert.notEqual(token, room.token)
})

test('a token may be offered as a second subprotocol, which is not echoed', async () => {
  const room = await openRoom(edge.url)
  const protocols = ['voltdrop.v1', tokenSubprotocol(room.token)]
  const host = new RoomClient(edge.url, room.number, { protocols })
  assert.deepEqual(await host.next(), { room: { type: 'seated', seat: 'host' } })
  assert.equal(host.protocol, 'voltdrop.v1')
})

test('two sockets opened at the same moment are paired in either order', async () => {
  const room = await openRoom(edge.url)
  const guest = new RoomClient(edge.url, room.number)
  const host = new RoomClient(edge.url, room.number, { token: room.token })
  await Promise.all([guest.seated(), host.seated()])
  await Promise.all([guest.paired(), host.paired()])
})

test('frames sent before the guest comes are delivered first and in order', async () => {
  const room = await openRoom(edge.url)
  const host = new RoomClient(edge.url, room.number, { token: room.token })
  await host.seated()
  for (let frame = 0; frame < 12; frame++) host.send(bytes(frame))
  await host.echo()
  const guest = new RoomClient(edge.url, room.number)
  await guest.seated()
  await host.paired()
  host.send(bytes(99))
  await guest.paired()
  for (let frame = 0; frame < 12; frame++) assert.deepEqual(await guest.next(), { bytes: bytes(frame) })
  assert.deepEqual(await guest.next(), { bytes: bytes(99) })
})

test('an unknown, full or burnt room and a forged token all get the same answer', async () => {
  const full = await pairUp(edge.url)
  const burnt = await pairUp(edge.url)
  burnt.host.say({ type: 'failed' })
  await burnt.host.next()
  // Numbers are lent up to 99 while so few rooms are open; below that another test's room might be waiting for its guest.
  const unknown = 999
  const strangers = [
    new RoomClient(edge.url, unknown),
    new RoomClient(edge.url, full.number),
    new RoomClient(edge.url, burnt.number),
    new RoomClient(edge.url, full.number, { token: 'A'.repeat(22) }),
    new RoomClient(edge.url, full.number, { token: 'short' }),
    new RoomClient(edge.url, burnt.number, { token: burnt.token }),
  ]
  for (const stranger of strangers) assert.deepEqual(await stranger.next(), { closed: 4000 })
})

test('an attempt to enter a room that was never opened writes nothing', async () => {
  const stranger = new RoomClient(edge.url, 123_456)
  assert.deepEqual(await stranger.next(), { closed: 4000 })
  assert.deepEqual(await tablesOf(123_456), [])
  const { number } = await openRoom(edge.url)
  assert.notDeepEqual(await tablesOf(number), [])
})

test('a room that is over leaves nothing in storage', async () => {
  const room = await openRoom(edge.url)
  const host = new RoomClient(edge.url, room.number, { token: room.token })
  await host.seated()
  host.send(bytes(1))
  await host.leave()
  assert.deepEqual(await tablesOf(room.number), [])
})

test("the host's `failed` burns the room: its guest is closed with 4002, the host with 1000", async () => {
  const { host, guest } = await pairUp(edge.url)
  host.say({ type: 'failed' })
  assert.deepEqual(await guest.next(), { closed: 4002 })
  assert.deepEqual(await host.next(), { closed: 1000 })
})

test("a guest's `failed` only frees its seat", async () => {
  const { number, host, guest } = await pairUp(edge.url)
  guest.say({ type: 'failed' })
  assert.deepEqual(await guest.next(), { closed: 1000 })
  assert.deepEqual(await host.next(), { room: { type: 'peer-left' } })
  const second = new RoomClient(edge.url, number)
  await second.seated()
  await Promise.all([second.paired(), host.paired()])
})

test('a guest that says `met` alone and leaves frees its seat for the next one, with which the host meets', async () => {
  const { number, host, guest } = await pairUp(edge.url)
  guest.say({ type: 'met' })
  await guest.leave()
  assert.deepEqual(await host.next(), { room: { type: 'peer-left' } })
  const second = new RoomClient(edge.url, number)
  await second.seated()
  await Promise.all([second.paired(), host.paired()])
  // The first guest's `met` is not taken for the second one's.
  host.say({ type: 'met' })
  await second.leave()
  assert.deepEqual(await host.next(), { room: { type: 'peer-left' } })
  const third = new RoomClient(edge.url, number)
  await third.seated()
})

test('a guest that leaves before its share costs nothing: after a hundred of them the room still pairs', async () => {
  const { number, token } = await openRoom(edge.url)
  const host = new RoomClient(edge.url, number, { token })
  await host.seated()
  for (let guests = 0; guests < 100; guests++) {
    const guest = new RoomClient(edge.url, number)
    // oxlint-disable no-await-in-loop -- there is one seat
    await guest.seated()
    await Promise.all([host.paired(), guest.paired()])
    guest.send(bytes(1))
    assert.deepEqual(await host.next(), { bytes: bytes(1) })
    host.send(bytes(2))
    assert.deepEqual(await guest.next(), { bytes: bytes(2) })
    await guest.leave()
    assert.deepEqual(await host.next(), { room: { type: 'peer-left' } })
    // oxlint-enable no-await-in-loop
  }
  const guest = new RoomClient(edge.url, number)
  await guest.seated()
  await Promise.all([guest.paired(), host.paired()])
})

test('a guest that leaves before the meeting frees its seat, and the next one gets nothing meant for it', async () => {
  const { number, host, guest, guestToken } = await pairUp(edge.url)
  await guest.leave()
  assert.deepEqual(await host.next(), { room: { type: 'peer-left' } })
  // An answer to the first guest that is still on its way must not reach the second one.
  host.send(bytes(1))
  await host.echo()
  const late = new RoomClient(edge.url, number, { token: guestToken })
  assert.deepEqual(await late.next(), { closed: 4000 })
  const second = new RoomClient(edge.url, number)
  await second.seated()
  await Promise.all([second.paired(), host.paired()])
  host.send(bytes(2))
  assert.deepEqual(await second.next(), { bytes: bytes(2) })
})

test('a guest whose connection breaks before the meeting frees its seat too', async () => {
  const room = await openRoom(edge.url)
  const host = new RoomClient(edge.url, room.number, { token: room.token })
  await host.seated()
  const breakGuest = await seatAndBreak(edge.url, room.number)
  await host.paired()
  breakGuest()
  assert.deepEqual(await host.next(), { room: { type: 'peer-left' } })
  const second = new RoomClient(edge.url, room.number)
  await second.seated()
  await Promise.all([second.paired(), host.paired()])
})

test('a host that leaves before the meeting ends the room', async () => {
  const { number, token, host, guest } = await pairUp(edge.url)
  await host.leave()
  assert.deepEqual(await guest.next(), { room: { type: 'peer-left' } })
  assert.deepEqual(await guest.next(), { closed: 4000 })
  const again = new RoomClient(edge.url, number, { token })
  assert.deepEqual(await again.next(), { closed: 4000 })
})

test('after the meeting the seats are reserved, and the last to leave ends the room', async () => {
  const { number, token, host, guest } = await pairUp(edge.url)
  host.say({ type: 'met' })
  guest.say({ type: 'met' })
  await guest.leave()
  assert.deepEqual(await host.next(), { room: { type: 'peer-left' } })
  const stranger = new RoomClient(edge.url, number)
  assert.deepEqual(await stranger.next(), { closed: 4000 })
  await host.leave()
  const again = new RoomClient(edge.url, number, { token })
  assert.deepEqual(await again.next(), { closed: 4000 })
})
