/** The lobby in real workerd: when numbers are reused, and how open rooms are counted by address. */
import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { startEdge, type Edge } from '../../support/edge/edge.ts'
import { openRoom, RoomClient } from '../../support/edge/room-client.ts'

const dataFolder = await mkdtemp(join(tmpdir(), 'voltdrop-test-lobby-'))
const edge = await startEdge({
  seed: false,
  unlimited: true,
  dataFolder,
  vars: { ROOMS_PER_ADDRESS: '2', ROOMS_IN_ALL: '60' },
})
after(async () => {
  await edge.close()
  await rm(dataFolder, { recursive: true, force: true })
})

type Lobby = {
  lease(address: string | undefined, waitSeconds?: number): Promise<{ number: number } | { refused: string }>
  release(number: number): Promise<void>
  isLent(number: number): Promise<boolean>
}
const lobby = ((await edge.bindings())['LOBBY'] as { getByName(name: string): Lobby }).getByName('lobby')
let storage: Awaited<ReturnType<Edge['storageOf']>>
before(async () => {
  storage = await edge.storageOf('Lobby', 'lobby')
})

const TEN_MINUTES_MS = 600_000
const MARGIN_MS = 5_000

async function lease(address?: string): Promise<number> {
  const answer = await lobby.lease(address)
  assert.ok('number' in answer, JSON.stringify(answer))
  return answer.number
}

async function rowOf(number: number) {
  const [row] = await storage.exec('SELECT * FROM numbers WHERE number = ?', number)
  return row as { address: string | null; open_until: number; free_at: number } | undefined
}

beforeEach(async () => {
  await lease()
  await storage.exec('DELETE FROM numbers')
})

test('numbers are from 1 to 99 while fewer than half of them are taken, and none is lent twice', async () => {
  const numbers = new Set(await Promise.all(Array.from({ length: 50 }, () => lease())))
  assert.equal(numbers.size, 50)
  assert.ok([...numbers].every((number) => number >= 1 && number <= 99))
})

test('a number is not lent again for ten minutes after its room closed', async () => {
  const number = await lease('192.0.2.1')
  await lobby.release(number)
  const row = await rowOf(number)
  assert.ok(row && row.free_at >= Date.now() + TEN_MINUTES_MS - MARGIN_MS)
  await lease()
  assert.notEqual(await rowOf(number), undefined)
  await storage.exec('UPDATE numbers SET free_at = ? WHERE number = ?', Date.now() - 1, number)
  await lease()
  // Gone, unless the same number was drawn in the very same call.
  const again = await rowOf(number)
  assert.ok(again === undefined || again.free_at > Date.now())
})

test('a released room no longer counts for its address, and the address is deleted', async () => {
  const first = await lease('192.0.2.1')
  await lease('192.0.2.1')
  const third = await lobby.lease('192.0.2.1')
  assert.equal('refused' in third && third.refused, 'too_many')
  await lease('192.0.2.2')
  await lobby.release(first)
  assert.equal((await rowOf(first))?.address, null)
  await lease('192.0.2.1')
})

test('a room that never reports its end no longer counts once it must have expired', async () => {
  const first = await lease('192.0.2.1')
  await lease('192.0.2.1')
  const row = await rowOf(first)
  assert.ok(row && row.open_until >= Date.now() + 2 * TEN_MINUTES_MS)
  assert.equal(row.free_at, row.open_until + TEN_MINUTES_MS)
  await storage.exec('UPDATE numbers SET open_until = ? WHERE number = ?', Date.now() - 1, first)
  await lease('192.0.2.1')
})

test('releasing a number twice, or one that was never lent, changes nothing', async () => {
  const number = await lease()
  await lobby.release(number)
  await storage.exec('UPDATE numbers SET free_at = 9e15 WHERE number = ?', number)
  await lobby.release(number)
  assert.equal((await rowOf(number))?.free_at, 9e15)
  await lobby.release(123_456)
  assert.equal(await rowOf(123_456), undefined)
})

test('a number counts as lent from its lease until its room is over', async () => {
  const number = await lease()
  assert.equal(await lobby.isLent(number), true)
  assert.equal(await lobby.isLent(123_456), false)
  await lobby.release(number)
  assert.equal(await lobby.isLent(number), false)
})

test('a room that waits longer counts for its address as long', async () => {
  const answer = await lobby.lease('192.0.2.1', 86_400)
  assert.ok('number' in answer)
  const row = await rowOf(answer.number)
  assert.ok(row && row.open_until >= Date.now() + 86_400_000)
})

test('no more rooms are open than one edge may hold, whatever their addresses', async () => {
  const held = await Promise.all(Array.from({ length: 60 }, () => lease()))
  const answer = await lobby.lease('192.0.2.1')
  assert.equal('refused' in answer && answer.refused, 'full')
  await Promise.all(held.map((number) => lobby.release(number)))
  await lease('192.0.2.1')
})

test('a customer with a whole /48 of IPv6 cannot hold all rooms', async () => {
  for (let at = 0; at < 20; at++) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await lease(`2001:db8:1:${at.toString(16)}::/64`)
  }
  const refused = await lobby.lease('2001:db8:1:ffff::/64')
  assert.equal('refused' in refused && refused.refused, 'too_many')
  for (const other of ['2001:db8:10:0::/64', '2001:db8:2:0::/64', '2001:db8:1f:0::/64', '192.0.2.1'])
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await lease(other)
})

test('asking for numbers that are not lent wakes no room: none of them leaves a file', async () => {
  async function roomFiles(): Promise<string[]> {
    const names = await readdir(dataFolder, { recursive: true })
    return names.filter((name) => /Room.*\.sqlite$/.test(name) && !name.endsWith('metadata.sqlite'))
  }
  const strangers = Array.from({ length: 30 }, (_, at) => new RoomClient(edge.url, 500_000 + at))
  const answers = await Promise.all(strangers.map((stranger) => stranger.next()))
  assert.ok(answers.every((answer) => 'closed' in answer && answer.closed === 4000))
  assert.deepEqual(await roomFiles(), [])
  const { number, token } = await openRoom(edge.url)
  await new RoomClient(edge.url, number, { token }).seated()
  assert.equal((await roomFiles()).length, 1)
})
