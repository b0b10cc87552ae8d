/** Rooms that are evicted between frames, and agents that take their seats again with their tokens. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { roomsEdge } from '../../support/edge/edge.ts'
import { openRoom, pairUp, RoomClient, seatAndBreak } from '../../support/edge/room-client.ts'

const edge = await roomsEdge()
after(() => edge.close())

function bytes(...values: number[]) {
  return Uint8Array.from(values)
}

test('a room that hibernates between every two frames completes a meeting', async () => {
  const { number, token } = await openRoom(edge.url)
  await edge.evictRoom(number, 'hibernate')
  const host = new RoomClient(edge.url, number, { token })
  await host.seated()
  host.send(bytes(0))
  await host.echo()
  await edge.evictRoom(number, 'hibernate')
  const guest = new RoomClient(edge.url, number)
  await guest.seated()
  await Promise.all([host.paired(), guest.paired()])
  assert.deepEqual(await guest.next(), { bytes: bytes(0) })
  for (let frame = 1; frame < 4; frame++) {
    await edge.evictRoom(number, 'hibernate')
    guest.send(bytes(frame, 1))
    assert.deepEqual(await host.next(), { bytes: bytes(frame, 1) })
    await edge.evictRoom(number, 'hibernate')
    host.send(bytes(frame, 2))
    assert.deepEqual(await guest.next(), { bytes: bytes(frame, 2) })
  }
  host.say({ type: 'met' })
  await host.echo()
  await edge.evictRoom(number, 'hibernate')
  await guest.leave()
  assert.deepEqual(await host.next(), { room: { type: 'peer-left' } })
})

test('the frame limit counts across hibernation', async () => {
  const { number, host, guest } = await pairUp(edge.url)
  for (let frame = 0; frame < 64; frame++) {
    if (frame === 40) await edge.evictRoom(number, 'hibernate')
    host.send(bytes(frame))
    await guest.next()
  }
  host.send(bytes(64))
  assert.deepEqual(await host.next(), { closed: 1008 })
})

test('after a deployment both sides take their seats again by token and the meeting continues', async () => {
  const { number, token, guestToken, host, guest } = await pairUp(edge.url)
  guest.send(bytes(1))
  await host.next()
  await edge.evictRoom(number, 'close')
  await Promise.all([host.next(), guest.next()])
  const hostAgain = new RoomClient(edge.url, number, { token })
  assert.equal(await hostAgain.seated(), undefined)
  hostAgain.send(bytes(2))
  hostAgain.send(bytes(3))
  await hostAgain.echo()
  const guestAgain = new RoomClient(edge.url, number, { token: guestToken })
  assert.equal(await guestAgain.seated(), undefined)
  await Promise.all([hostAgain.paired(), guestAgain.paired()])
  assert.deepEqual(await guestAgain.next(), { bytes: bytes(2) })
  assert.deepEqual(await guestAgain.next(), { bytes: bytes(3) })
  guestAgain.send(bytes(4))
  assert.deepEqual(await hostAgain.next(), { bytes: bytes(4) })
})

test('a guest without its token comes back as a new guest and receives nothing meant for the old one', async () => {
  const { number, token, guestToken, host, guest } = await pairUp(edge.url)
  await edge.evictRoom(number, 'close')
  await Promise.all([host.next(), guest.next()])
  const hostAgain = new RoomClient(edge.url, number, { token })
  await hostAgain.seated()
  hostAgain.send(bytes(1))
  await hostAgain.echo()
  const stranger = new RoomClient(edge.url, number)
  assert.notEqual(await stranger.seated(), guestToken)
  await Promise.all([hostAgain.paired(), stranger.paired()])
  stranger.send(bytes(2))
  assert.deepEqual(await hostAgain.next(), { bytes: bytes(2) })
  hostAgain.send(bytes(3))
  assert.deepEqual(await stranger.next(), { bytes: bytes(3) })
  const late = new RoomClient(edge.url, number, { token: guestToken })
  assert.deepEqual(await late.next(), { closed: 4000 })
})

test('once the host has met its guest only the tokens give the seats, even when both connections are lost', async () => {
  const { number, token, guestToken, host, guest } = await pairUp(edge.url)
  host.say({ type: 'met' })
  await host.echo()
  await edge.evictRoom(number, 'close')
  await Promise.all([host.next(), guest.next()])
  const stranger = new RoomClient(edge.url, number)
  assert.deepEqual(await stranger.next(), { closed: 4000 })
  const guestAgain = new RoomClient(edge.url, number, { token: guestToken })
  await guestAgain.seated()
  guestAgain.send(bytes(1))
  await guestAgain.echo()
  const hostAgain = new RoomClient(edge.url, number, { token })
  await hostAgain.seated()
  await Promise.all([hostAgain.paired(), guestAgain.paired()])
  assert.deepEqual(await hostAgain.next(), { bytes: bytes(1) })
})

test('a host that takes its seat again replaces its old socket, and the guest is not told', async () => {
  const { number, token, host, guest } = await pairUp(edge.url)
  const hostAgain = new RoomClient(edge.url, number, { token })
  await hostAgain.seated()
  await hostAgain.paired()
  assert.deepEqual(await host.next(), { closed: 4004 })
  hostAgain.send(bytes(1))
  assert.deepEqual(await guest.next(), { bytes: bytes(1) })
  guest.send(bytes(2))
  assert.deepEqual(await hostAgain.next(), { bytes: bytes(2) })
})

test('what a host sent before it took its seat again still counts towards the limit', async () => {
  const { number, token, host, guest } = await pairUp(edge.url)
  for (let frame = 0; frame < 64; frame++) {
    host.send(bytes(frame))
    await guest.next()
  }
  const hostAgain = new RoomClient(edge.url, number, { token })
  await hostAgain.seated()
  await hostAgain.paired()
  hostAgain.send(bytes(64))
  assert.deepEqual(await hostAgain.next(), { closed: 1008 })
})

test("when the host's connection breaks the guest is told, and what it sends is kept for the host", async () => {
  const { number, token } = await openRoom(edge.url)
  const breakHost = await seatAndBreak(edge.url, number, token)
  const guest = new RoomClient(edge.url, number)
  await guest.seated()
  await guest.paired()
  breakHost()
  assert.deepEqual(await guest.next(), { room: { type: 'peer-left' } })
  guest.send(bytes(7))
  await guest.echo()
  const hostAgain = new RoomClient(edge.url, number, { token })
  await hostAgain.seated()
  await Promise.all([hostAgain.paired(), guest.paired()])
  assert.deepEqual(await hostAgain.next(), { bytes: bytes(7) })
})
