/** A room's time runs out in each of its phases, by alarm, whether anybody is there or not. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startEdge } from '../../support/edge/edge.ts'
import { openRoom, pairUp, RoomClient } from '../../support/edge/room-client.ts'

const [brief, patient] = await Promise.all([
  startEdge({ seed: false, vars: { ROOM_WAIT_SECONDS: '1' } }),
  startEdge({ seed: false, vars: { ROOM_CONFIRM_SECONDS: '2', ROOM_MET_SECONDS: '1' } }),
])
after(() => Promise.all([brief.close(), patient.close()]))

test('a room that waited too long closes its host with 4001, is gone for everybody, and leaves nothing', async () => {
  const { number, token, expires_at } = await openRoom(brief.url)
  assert.ok(Date.parse(expires_at) > Date.now() - 5_000)
  const host = new RoomClient(brief.url, number, { token })
  await host.seated()
  host.send(Uint8Array.of(1))
  assert.deepEqual(await host.next(), { closed: 4001 })
  for (const entrance of [{}, { token }]) {
    assert.deepEqual(await new RoomClient(brief.url, number, entrance).next(), { closed: 4000 })
  }
  const storage = await brief.storageOf('Room', String(number))
  assert.deepEqual(
    await storage.exec("SELECT name FROM sqlite_master WHERE name <> '__miniflare_do_name'"),
    [],
  )
})

test('an evicted room still ends on time', async () => {
  const { number, token } = await openRoom(brief.url)
  const host = new RoomClient(brief.url, number, { token })
  await host.seated()
  await host.echo()
  await brief.evictRoom(number, 'hibernate')
  assert.deepEqual(await host.next(), { closed: 4001 })
})

test('a pair that confirms nothing is closed with 4001 on both sides', async () => {
  const { host, guest } = await pairUp(patient.url)
  assert.deepEqual(await Promise.all([host.next(), guest.next()]), [{ closed: 4001 }, { closed: 4001 }])
})

test('a pair that met is closed with 4001 when its time for candidates is over', async () => {
  const { host, guest } = await pairUp(patient.url)
  guest.say({ type: 'met' })
  assert.deepEqual(await Promise.all([host.next(), guest.next()]), [{ closed: 4001 }, { closed: 4001 }])
})

test('a guest whose host never comes is not kept for the whole waiting time', async () => {
  const { number } = await openRoom(patient.url)
  const guest = new RoomClient(patient.url, number)
  await guest.seated()
  assert.deepEqual(await guest.next(), { closed: 4001 })
})
