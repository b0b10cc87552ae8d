/** The cache of lists in memory: what it answers, and what makes the edge query its database again. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { after, before, test } from 'node:test'
import { ListMemory } from '../../../workers/catalogue/routes/list-memory.ts'
import { startEdge, type Edge } from '../../support/edge/edge.ts'
import { send, writeSecrets } from '../../support/edge/writer.ts'

let edge: Edge

before(async () => {
  // An hour, so that no entry expires during the test.
  edge = await startEdge({ secrets: writeSecrets, vars: { LIST_MEMORY_SECONDS: '3600' } })
})
after(() => edge.close())

const path = '/products?limit=1&fields=name'

async function ask(headers: Record<string, string> = {}) {
  const response = await fetch(edge.url + path, { headers })
  const text = await response.text()
  const { items } = (text === '' ? { items: [] } : JSON.parse(text)) as { items: { name: string }[] }
  return { status: response.status, name: items[0]?.name, headers: Object.fromEntries(response.headers) }
}

/** Changes the database directly, unnoticed by the Worker. */
function rename(name: string) {
  return edge.db.prepare('UPDATE products SET name = ? WHERE id = 1').bind(name).run()
}

test('a list is answered from memory with the same bytes and headers, or with 304', async () => {
  const first = await ask()
  await rename('Behind its back')
  const second = await ask()
  assert.deepEqual({ ...second.headers, date: '' }, { ...first.headers, date: '' })
  assert.equal(second.name, first.name)
  // Not by fetch, which adds no-cache to a conditional request.
  const request = http.get(edge.url + path, { headers: { 'if-none-match': first.headers['etag'] ?? '' } })
  const [held] = (await once(request, 'response')) as [http.IncomingMessage]
  held.resume()
  assert.deepEqual([held.statusCode, held.headers.etag], [304, first.headers['etag']])
})

test('no-cache bypasses the memory', async () => {
  await ask()
  await rename('Asked again')
  assert.notEqual((await ask()).name, 'Asked again')
  assert.equal((await ask({ 'cache-control': 'no-cache' })).name, 'Asked again')
})

test('the next reader after a write sees it', async () => {
  await ask()
  const written = await send(edge, 'PATCH', '/products/1', { name: 'Written' }, { 'if-match': '*' })
  assert.equal(written.status, 200)
  assert.equal((await ask()).name, 'Written')
})

test('a single product is never answered from memory', async () => {
  await rename('One')
  assert.equal((await send(edge, 'GET', '/products/1')).body['name'], 'One')
  await rename('Two')
  assert.equal((await send(edge, 'GET', '/products/1')).body['name'], 'Two')
})

test('lists are answered correctly when there are more than the memory holds', async () => {
  const asked = Array.from({ length: 100 }, (_, i) => `/batteries?limit=100&max_mass_mg=${5_000_000_000 - i}`)
  for (const address of asked) {
    // oxlint-disable-next-line no-await-in-loop
    const response = await fetch(edge.url + address)
    assert.ok(((await response.json()) as { items: unknown[] }).items.length > 50)
  }
})

test('empty lists at long addresses count by their address, so that they do not fill the memory', () => {
  const memory = new ListMemory(1_000_000)
  const empty = { body: new ArrayBuffer(60), headers: {}, readAtMs: 0 }
  function address(i: number) {
    return `/batteries?q=${String(i).padStart(8_000, 'x')}`
  }
  for (let i = 0; i < 1_000; i++) memory.keep(address(i), empty)
  assert.ok(memory.count > 40 && memory.count < 70, String(memory.count))
  assert.equal(memory.find(address(0)), undefined)
  assert.ok(memory.find(address(999)))
  for (let i = 0; i < 1_000; i++) memory.keep(address(999), empty)
  assert.ok(memory.count > 40, 'the same list again takes no more room')
  memory.keep(address(1_000), { ...empty, body: new ArrayBuffer(600_000) })
  assert.equal(memory.find(address(1_000)), undefined, 'one list must not drive out the others')
})
