/** The edge as wrangler builds and serves it from wrangler.toml, compared with the one of the other tests, which starts faster. */
import assert from 'node:assert/strict'
import { rmdir } from 'node:fs/promises'
import path from 'node:path'
import { after, before, test } from 'node:test'
import type { D1Database } from '@cloudflare/workers-types'
import { createTestHarness } from 'wrangler'
import { startEdge, type Edge } from '../support/edge/edge.ts'
import { pairUp } from '../support/edge/room-client.ts'
import { seedSql } from '../../drizzle/seed/seed-sql.ts'

// Otherwise the runtime requests a sample `Request.cf` from its vendor; tests make no requests to the internet.
process.env['CLOUDFLARE_CF_FETCH_ENABLED'] = 'false'

const root = path.resolve(import.meta.dirname, '../..')
const harness = createTestHarness({ root, workers: [{ configPath: path.join(root, 'wrangler.toml') }] })
const worker = harness.getWorker()

async function wranglersDatabase() {
  return ((await worker.getEnv()) as { DB: D1Database }).DB
}

let edge: Edge
let url: string

before(async () => {
  edge = await startEdge()
  url = (await harness.listen()).url.origin
  await worker.applyD1Migrations('DB')
  await (await wranglersDatabase()).exec(seedSql())
})
after(async () => {
  await Promise.all([edge.close(), harness.close()])
  // wrangler leaves these folders empty, unless a `wrangler dev` uses them; then they stay.
  for (const folder of ['.wrangler/tmp', '.wrangler']) {
    // oxlint-disable-next-line no-await-in-loop -- the inner one first
    await rmdir(path.join(root, folder)).catch(() => {})
  }
})

test('the Worker has the same bindings and variables', async () => {
  const [env, own] = await Promise.all([worker.getEnv(), edge.bindings()])
  assert.deepEqual(Object.keys(env).toSorted(), Object.keys(own).toSorted())
  // The tests' edge has no list memory.
  assert.equal(env['LIST_MEMORY_SECONDS'], '1')
  assert.equal(env['STUN_URLS'], own['STUN_URLS'])
})

test('migrations applied by wrangler give the same tables, indexes and triggers', async () => {
  const tables =
    "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE '%cf\\_%' ESCAPE '\\' ORDER BY name"
  const database = await wranglersDatabase()
  const schemas = await Promise.all([database.prepare(tables).all(), edge.db.prepare(tables).all()])
  const [theirs, ours] = schemas.map(({ results }) => results.filter(({ name }) => name !== 'd1_migrations'))
  assert.ok(theirs && theirs.length > 4)
  assert.deepEqual(theirs, ours)
})

test('pages and documents are the same, byte for byte', async () => {
  for (const address of [
    '/',
    '/batteries?limit=3',
    '/products/1',
    '/openapi.json',
    '/batteries/export?as=csv',
  ]) {
    // oxlint-disable-next-line no-await-in-loop
    const [theirs, ours] = await Promise.all(
      [url, edge.url].map(async (origin) => {
        const response = await fetch(origin + address)
        return { status: response.status, text: (await response.text()).replaceAll(origin, '') }
      }),
    )
    assert.equal(theirs?.status, 200, address)
    assert.deepEqual(theirs, ours)
  }
})

test('two agents are relayed through a room that hibernates in between', async () => {
  const { number, host, guest } = await pairUp(url)
  await worker.evictDurableObject('ROOMS', { name: String(number), webSockets: 'hibernate' })
  guest.send(Uint8Array.of(1, 2, 3))
  assert.deepEqual(await host.next(), { bytes: Uint8Array.of(1, 2, 3) })
  await Promise.all([host.leave(), guest.leave()])
})
