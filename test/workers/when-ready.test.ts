/** An edge that is asked before its database is there says so, instead of showing an empty catalogue. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startEdge } from '../support/edge/edge.ts'

const edge = await startEdge({ seed: false, vars: { AWAITED_MIGRATION: 'the-seed' } })
after(() => edge.close())

const addresses = [
  '/health',
  '/batteries',
  '/products/export',
  '/batteries/export/digest',
  '/',
  '/view/products',
]

async function statuses() {
  const responses = await Promise.all(addresses.map((address) => fetch(edge.url + address)))
  return Promise.all(
    responses.map(async (response) => {
      await response.body?.cancel()
      return [response.status, response.headers.has('retry-after')] as const
    }),
  )
}

test('until the seed is there every address of the catalogue answers 503 with Retry-After; the others answer', async () => {
  assert.deepEqual(
    await statuses(),
    addresses.map(() => [503, true]),
  )
  assert.equal((await fetch(`${edge.url}/openapi.json`)).status, 200)
  assert.equal((await fetch(`${edge.url}/rooms`, { method: 'POST' })).status, 201)
  await edge.db.prepare("INSERT INTO d1_migrations (name) VALUES ('the-seed')").run()
  assert.deepEqual(
    await statuses(),
    addresses.map(() => [200, false]),
  )
})

test('a database without tables is unavailable as well', async () => {
  await edge.db.dropTables()
  assert.deepEqual(
    await statuses(),
    addresses.map(() => [503, true]),
  )
})
