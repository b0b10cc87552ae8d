/** The lobby in real workerd: when numbers are reused, and how open rooms are counted by address. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { startEdge, type Edge } from '../../support/edge/edge.ts'

const edge = await startEdge({ seed: false, vars: { ROOMS_PER_ADDRESS: '2' } })
after(() => edge.close())

type Lobby = {
  lease(address: string | undefined): Promise<{ number: number } | { refused: string }>
  release(number: number): Promise<void>
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
