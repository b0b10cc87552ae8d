/** Uploads of batches: within the edge's limits, retried when it is busy, and with the faults that it reports. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { batches, type Placed, type Target, upload } from '../../../../agent/catalogue/import/upload.ts'
import { MAX_IMPORT_BYTES, MAX_IMPORT_ROWS } from '../../../../protocol/catalogue/import-rows.ts'
import { Secret } from '../../../../protocol/secret.ts'
import { failsAs, serve } from '../../../support/edge/fake-edge.ts'

const never = new AbortController().signal
const batch: Placed[] = [
  { line: 2, row: { model: 'A' } },
  { line: 4, row: { model: 'B' } },
]
function target(edge: URL, more: Partial<Target> = {}): Target {
  return {
    edge,
    resource: 'batteries',
    token: new Secret('the-token'),
    dryRun: false,
    createProducts: false,
    ...more,
  }
}
const taken = JSON.stringify({
  revision: 9,
  dry_run: false,
  created: 2,
  updated: 0,
  unchanged: 0,
  products_created: 1,
})

async function sizes(rows: readonly Placed[]): Promise<[rows: number, bytes: number][]> {
  async function* all() {
    yield* rows
  }
  const found: [number, number][] = []
  for await (const one of batches(all())) {
    const body = JSON.stringify({ rows: one.map(({ row }) => row) })
    found.push([one.length, Buffer.byteLength(body)])
  }
  return found
}

test('batches stay within the limits of rows and bytes, and no row is lost', async () => {
  const many = await sizes(Array.from({ length: 2_500 }, (_, line) => ({ line, row: { model: `M${line}` } })))
  assert.deepEqual(
    many.map(([rows]) => rows),
    [MAX_IMPORT_ROWS, MAX_IMPORT_ROWS, 500],
  )
  const wide = await sizes(
    Array.from({ length: 900 }, (_, line) => ({ line, row: { model: 'µ'.repeat(1_000) } })),
  )
  assert.equal(
    wide.reduce((sum, [rows]) => sum + rows, 0),
    900,
  )
  assert.ok(wide.length > 1)
  for (const [, bytes] of wide) assert.ok(bytes <= MAX_IMPORT_BYTES)
})

test('the rows are sent with the token and the options in one request', async (t) => {
  const seen: unknown[] = []
  const edge = await serve(t, (request, response) => {
    let body = ''
    request.on('data', (bytes: Buffer) => (body += bytes.toString()))
    request.on('end', () => {
      seen.push([request.method, request.url, request.headers.authorization, JSON.parse(body)])
      response.end(taken)
    })
  })
  const outcome = await upload(target(edge, { dryRun: true, createProducts: true }), batch, never)
  assert.deepEqual(outcome, { revision: 9, created: 2, updated: 0, unchanged: 0, products_created: 1 })
  const path = '/batteries/import?dry_run=true&create_products=true'
  assert.deepEqual(seen, [['POST', path, 'Bearer the-token', { rows: [{ model: 'A' }, { model: 'B' }] }]])
})

test('a batch is sent again after a busy answer or a broken connection', async (t) => {
  let requests = 0
  const edge = await serve(t, (request, response) => {
    requests++
    if (requests === 1) response.writeHead(503, { 'retry-after': '1' }).end()
    else if (requests === 2) request.socket.destroy()
    else response.end(taken)
  })
  assert.ok('created' in (await upload(target(edge), batch, never)))
  assert.equal(requests, 3)
})

test('an edge that takes no writes is not asked again', async (t) => {
  let requests = 0
  const edge = await serve(t, (_, response) => {
    requests++
    response.writeHead(503).end(JSON.stringify({ title: 'Writing is switched off.' }))
  })
  await assert.rejects(upload(target(edge), batch, never), failsAs('edge_refused', /switched off/))
  assert.equal(requests, 1)
})

test('faults that point at rows are reported by line; any other is the reason of the refusal', async (t) => {
  let errors: unknown[] = [
    { pointer: '/rows/1/mass_mg', detail: 'below 100' },
    { pointer: '/rows/0', detail: 'the same as row 1' },
    { pointer: '/rows/77/model', detail: 'not ours' },
  ]
  const edge = await serve(t, (_, response) =>
    response.writeHead(422).end(JSON.stringify({ title: 'Not valid.', errors })),
  )
  assert.deepEqual(await upload(target(edge), batch, never), [
    { line: 4, column: 'mass_mg', text: 'below 100', remark: false },
    { line: 2, column: undefined, text: 'the same as row 1', remark: false },
  ])
  errors = [{ pointer: '/rows', detail: 'empty' }]
  await assert.rejects(upload(target(edge), batch, never), failsAs('edge_refused', /rows: empty/))
})

test('a page in place of the answer is no edge, and an answer without end is given up', async (t) => {
  const portal = await serve(t, (_, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
  )
  await assert.rejects(upload(target(portal), batch, never), failsAs('not_an_edge', /text\/html/))
  const bomb = gzipSync(' '.repeat(8_388_608))
  for (const status of [200, 422]) {
    // oxlint-disable no-await-in-loop -- one edge after the other
    const edge = await serve(t, (_, response) =>
      response.writeHead(status, { 'content-encoding': 'gzip' }).end(bomb),
    )
    await assert.rejects(upload(target(edge), batch, never), failsAs('edge_refused', /too long/))
  }
})

test('a response without an outcome is an error', async (t) => {
  const edge = await serve(t, (_, response) => response.end('{"created":-1}'))
  await assert.rejects(upload(target(edge), batch, never), failsAs('edge_refused', /does not tell/))
})
