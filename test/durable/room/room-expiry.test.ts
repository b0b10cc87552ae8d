/** A room expires in each of its phases, by alarm, whether sockets are open or not. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { parseOpenedRoom } from '../../../protocol/meeting/room.ts'
import { startEdge } from '../../support/edge/edge.ts'
import { openRoom, pairUp, RoomClient } from '../../support/edge/room-client.ts'

const [shortWait, shortMeeting] = await Promise.all([
  startEdge({ seed: false, vars: { ROOM_WAIT_SECONDS: '1', ROOM_MAX_WAIT_SECONDS: '1' } }),
  startEdge({
    seed: false,
    vars: { ROOM_CONFIRM_SECONDS: '2', ROOM_MET_SECONDS: '1', ROOM_HOST_AWAY_SECONDS: '1' },
  }),
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

test('a guest that does not confirm its keys in time loses its seat, and the host waits on for another', async () => {
  const { number, host, guest } = await pairUp(shortMeeting.url)
  guest.say({ type: 'met' })
  assert.deepEqual(await guest.next(), { closed: 4001 })
  assert.deepEqual(await host.next(), { room: { type: 'peer-left' } })
  const second = new RoomClient(shortMeeting.url, number)
  await second.seated()
  await Promise.all([second.paired(), host.paired()])
})

test('after the meeting both sides are closed with 4001 when the time for candidates expires', async () => {
  const { host, guest } = await pairUp(shortMeeting.url)
  for (const side of [host, guest]) side.say({ type: 'met' })
  assert.deepEqual(await Promise.all([host.next(), guest.next()]), [{ closed: 4001 }, { closed: 4001 }])
})

test('a guest whose host does not come is closed after the confirmation time, not the whole wait', async () => {
  const { number } = await openRoom(shortMeeting.url)
  const guest = new RoomClient(shortMeeting.url, number)
  await guest.seated()
  assert.deepEqual(await guest.next(), { closed: 4001 })
})

async function waitMsOf(query: string): Promise<number> {
  const before = Date.now()
  const response = await fetch(`${shortMeeting.url}/rooms${query}`, { method: 'POST' })
  return Date.parse(parseOpenedRoom(await response.text()).expires_at) - before
}

test('a room waits as long as its host asked for, up to a day or what the operator allows', async () => {
  const day = await waitMsOf('?wait_seconds=86400')
  assert.ok(Math.abs(day - 86_400_000) < 5_000, `${day}`)
  const usual = await waitMsOf('')
  assert.ok(Math.abs(usual - 600_000) < 5_000, `${usual}`)
  const response = await fetch(`${shortWait.url}/rooms?wait_seconds=3600`, { method: 'POST' })
  const { number, token } = parseOpenedRoom(await response.text())
  const host = new RoomClient(shortWait.url, number, { token })
  await host.seated()
  assert.deepEqual(await host.next(), { closed: 4001 })
})

test('a room that its host does not hold ends long before the time that was asked for', async () => {
  const response = await fetch(`${shortMeeting.url}/rooms?wait_seconds=3600`, { method: 'POST' })
  const { number } = parseOpenedRoom(await response.text())
  const storage = await shortMeeting.storageOf('Room', String(number))
  async function isOver(): Promise<boolean> {
    const tables = await storage.exec("SELECT name FROM sqlite_master WHERE name <> '__miniflare_do_name'")
    return tables.length === 0
  }
  assert.equal(await isOver(), false)
  // oxlint-disable-next-line no-await-in-loop -- until its alarm, or until the runner's deadline
  while (!(await isOver())) await setTimeout(50)
})
