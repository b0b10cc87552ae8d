/** A room expires in each of its phases, by alarm, whether sockets are open or not. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startEdge } from '../../support/edge/edge.ts'
import { openRoom, pairUp, RoomClient } from '../../support/edge/room-client.ts'

const [shortWait, shortMeeting] = await Promise.all([
  startEdge({ seed: false, vars: { ROOM_WAIT_SECONDS: '1' } }),
  startEdge({ seed: false, vars: { ROOM_CONFIRM_SECONDS: '2', ROOM_MET_SECONDS: '1' } }),
])
after(() => Promise.all([shortWait.close(), shortMeeting.close()]))

test('a room whose wait expires closes its host with 4001, answers as if unknown, and leaves nothing in storage', async () => {
  const { number, token, expires_at } = await openRoom(shortWait.url)
  assert.ok(Date.parse(expires_at) > Date.now() - 5_000)
  const host = new RoomClient(shortWait.url, number, { token })
  await host.seated()
  host.send(Uint8Array.of(1))
  assert.deepEqual(await host.next(), { closed: 4001 })
  for (const entrance of [{}, { token }]) {
    assert.deepEqual(await new RoomClient(shortWait.url, number, entrance).next(), { closed: 4000 })
  }
  const storage = await shortWait.storageOf('Room', String(number))
  assert.deepEqual(
    await storage.exec("SELECT name FROM sqlite_master WHERE name <> '__miniflare_do_name'"),
    [],
  )
})

test('an evicted room still expires on time', async () => {
  const { number, token } = await openRoom(shortWait.url)
  const host = new RoomClient(shortWait.url, number, { token })
  await host.seated()
  await host.echo()
  await shortWait.evictRoom(number, 'hibernate')
  assert.deepEqual(await host.next(), { closed: 4001 })
})

test('a pair that does not confirm its keys in time is closed with 4001 on both sides', async () => {
  const { host, guest } = await pairUp(shortMeeting.url)
  assert.deepEqual(await Promise.all([host.next(), guest.next()]), [{ closed: 4001 }, { closed: 4001 }])
})

test('after the meeting both sides are closed with 4001 when the time for candidates expires', async () => {
  const { host, guest } = await pairUp(shortMeeting.url)
  guest.say({ type: 'met' })
  assert.deepEqual(await Promise.all([host.next(), guest.next()]), [{ closed: 4001 }, { closed: 4001 }])
})

test('a guest whose host does not come is closed after the confirmation time, not the whole wait', async () => {
  const { number } = await openRoom(shortMeeting.url)
  const guest = new RoomClient(shortMeeting.url, number)
  await guest.seated()
  assert.deepEqual(await guest.next(), { closed: 4001 })
})
