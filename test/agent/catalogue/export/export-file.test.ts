/** Exports from edges that cut them, change meanwhile or give a false digest: the result is a verified file with its manifest, or none. */
import assert from 'node:assert/strict'
import { chmod, chown, link, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { createGzip, gzipSync } from 'node:zlib'
import { fetchExport } from '../../../../agent/catalogue/export/export-file.ts'
import { failsAs, serve } from '../../../support/edge/fake-edge.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { answer, digestOf, ndjson, product, sums, wanted } from './fake-export.ts'

const never = new AbortController().signal

test('an NDJSON export without its end record, or with that of other bytes, leaves no file', async (t) => {
  const whole = ndjson(3)
  const lines = whole.split('\n')
  for (const [body, code, reason] of [
    [lines.slice(0, 3).join('\n'), 'corrupt', /without its end/],
    [lines.slice(0, 2).join('\n').slice(0, -5), 'corrupt', /without its end/],
    [whole.slice(0, -10), 'corrupt', /without its end/],
    [[lines[0], lines[1], lines[3], ''].join('\n'), 'corrupt', /not what its end record/],
    [whole.replace('Product 1', 'Product 9'), 'corrupt', /not what its end record/],
    ['', 'corrupt', /without its end/],
  ] as const) {
    // oxlint-disable no-await-in-loop -- one edge after the other
    const out = await temporaryFolder(t)
    const edge = await serve(t, answer(body))
    for (const format of ['ndjson', 'parquet'] as const) {
      await assert.rejects(fetchExport(edge, wanted(format), out, never, true), failsAs(code, reason))
      assert.deepEqual(await readdir(out), [])
    }
  }
})

test('an export that breaks off is fetched again, and given up after four attempts', async (t) => {
  const body = ndjson(50)
  let breaks = 2
  const edge = await serve(t, (request, response) => {
    const digest = digestOf(body, request)
    if (digest !== undefined) return void response.end(digest)
    response.writeHead(200, { 'catalogue-revision': '7', 'content-length': String(Buffer.byteLength(body)) })
    if (breaks-- > 0) response.write(body.slice(0, 500), () => response.destroy())
    else response.end(body)
  })
  const out = await temporaryFolder(t)
  const { rows, path: file } = await fetchExport(edge, wanted('ndjson'), out, never)
  assert.equal(rows, 1)
  assert.equal(await readFile(file, 'utf8'), body)
  breaks = 4
  await assert.rejects(
    fetchExport(edge, wanted('ndjson'), path.join(out, 'other'), never),
    failsAs('edge_unreachable', /broke off/),
  )
  assert.deepEqual(await readdir(out), ['products-r7.ndjson'])
})

test('an export survives an edge that is unreachable for a moment', async (t) => {
  const body = ndjson(50)
  let asked = 0
  const edge = await serve(t, (request, response) => {
    asked++
    // The second attempt gets no response at all.
    if (asked === 3) return void request.socket.destroy()
    const digest = digestOf(body, request)
    if (digest !== undefined) return void response.end(digest)
    response.writeHead(200, { 'catalogue-revision': '7', 'content-length': String(Buffer.byteLength(body)) })
    if (asked === 2) response.write(body.slice(0, 500), () => response.destroy())
    else response.end(body)
  })
  const out = await temporaryFolder(t)
  await fetchExport(edge, wanted('ndjson'), out, never)
  assert.equal(asked, 5)
})

test('a digest of another revision means that the catalogue has changed: the export is fetched again', async (t) => {
  const body = 'id\r\n1\r\n'
  let revision = 7
  const edge = await serve(t, (request, response) => {
    const digest = digestOf(body, request, revision)
    if (digest !== undefined) return void response.end(digest)
    revision = 8
    response.writeHead(200, { 'catalogue-revision': String(revision) }).end(body)
  })
  const out = await temporaryFolder(t)
  const { path: file } = await fetchExport(edge, wanted('csv'), out, never)
  assert.equal(path.basename(file), 'products-r8.csv')
  assert.deepEqual(await readdir(out), ['products-r8.csv'])
})

test('an export that goes on beyond the bytes of its digest is given up there, however well it is compressed', async (t) => {
  const rows = 'id\r\n1\r\n'
  const block = ' '.repeat(1_048_576)
  let sent = 0
  const edge = await serve(t, (request, response) => {
    const digest = digestOf(rows, request)
    if (digest !== undefined) return void response.end(digest)
    response.writeHead(200, { 'catalogue-revision': '7', 'content-encoding': 'gzip' })
    const compressed = createGzip({ level: 1 })
    compressed.pipe(response)
    // As long as somebody reads it: the client closes the connection.
    response.on('close', () => compressed.destroy())
    function pour(): void {
      while (!compressed.destroyed && compressed.write(block)) sent++
    }
    compressed.on('drain', pour).on('error', () => {})
    pour()
  })
  const out = await temporaryFolder(t)
  await assert.rejects(fetchExport(edge, wanted('csv'), out, never), failsAs('corrupt', /longer/))
  assert.deepEqual(await readdir(out), [])
  assert.ok(sent < 1000, `${sent} MiB`)
})

test('a digest that never ends is given up after 1 MiB, and a page in place of an export is no edge', async (t) => {
  const bomb = gzipSync(' '.repeat(8_388_608))
  const endless = await serve(t, (_, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
  )
  const out = await temporaryFolder(t)
  await assert.rejects(fetchExport(endless, wanted('csv'), out, never), failsAs('edge_refused', /too long/))
  const portal = await serve(t, (request, response) => {
    const digest = digestOf('', request)
    response.writeHead(200, { 'content-type': digest === undefined ? 'text/html' : 'application/json' })
    response.end(digest ?? '<html>')
  })
  await assert.rejects(fetchExport(portal, wanted('csv'), out, never), failsAs('not_an_edge', /text\/html/))
  assert.deepEqual(await readdir(out), [])
})

test('the manifest says what the file is, and the same export gives the same bytes and manifest', async (t) => {
  const edge = await serve(t, answer(ndjson(3)))
  const request = wanted('ndjson', [
    ['status', 'active'],
    ['category', 'charger'],
  ])
  const [one, two] = [await temporaryFolder(t), await temporaryFolder(t)]
  const file = await fetchExport(edge, request, one, never, true)
  await fetchExport(edge, { ...request, filters: request.filters.toReversed() }, two, never, true)
  const name = 'products-r7-category-charger-status-active.ndjson.manifest.json'
  const text = await readFile(path.join(one, name), 'utf8')
  assert.equal(text, await readFile(path.join(two, name), 'utf8'))
  const { schema, ...manifest } = JSON.parse(text) as { schema: { name: string }[] }
  const { path: _path, ...proven } = file
  assert.deepEqual(manifest, {
    manifest: 1,
    file: 'products-r7-category-charger-status-active.ndjson',
    resource: 'products',
    format: 'ndjson',
    filter: { category: 'charger', status: 'active' },
    ...proven,
  })
  assert.deepEqual(
    schema.map((column) => column.name),
    Object.keys(product(1)),
  )
  const bytes = await readFile(file.path, 'utf8')
  assert.deepEqual({ ...proven, ...sums(bytes) }, proven)
})

/** An edge with one CSV export, which counts how often its digest is asked for. */
async function csvEdge(t: TestContext, body: string): Promise<{ edge: URL; asked: () => number }> {
  let asked = 0
  const said = JSON.stringify({ revision: 7, rows: 1, ...sums(body) })
  const edge = await serve(t, (request, response) => {
    const digest = request.url?.includes('/digest') === true
    if (digest) asked++
    response.writeHead(200, { 'catalogue-revision': '7' }).end(digest ? said : body)
  })
  return { edge, asked: () => asked }
}

test('an existing file is kept when the edge gives its digest now, and its manifest when it says the same', async (t) => {
  const { edge, asked } = await csvEdge(t, 'id\r\n1\r\n')
  const out = await temporaryFolder(t)
  const first = await fetchExport(edge, wanted('csv'), out, never, true)
  assert.deepEqual(await fetchExport(edge, wanted('csv'), out, never, true), first)
  assert.equal(asked(), 2)
  await writeFile(`${first.path}.manifest.json`, '{}')
  await assert.rejects(
    fetchExport(edge, wanted('csv'), out, never, true),
    failsAs('file_exists', /manifest\.json/),
  )
})

test('a file that somebody put there with a manifest of it is not taken for the export', async (t) => {
  const { edge } = await csvEdge(t, 'id\r\n1\r\n')
  const [out, other] = [await temporaryFolder(t), await temporaryFolder(t)]
  const forger = await csvEdge(t, 'id\r\n6\r\n')
  const { path: forged } = await fetchExport(forger.edge, wanted('csv'), out, never, true)
  for (const withManifest of [true, false]) {
    // oxlint-disable no-await-in-loop -- one export after the other
    await assert.rejects(
      fetchExport(edge, wanted('csv'), out, never, withManifest),
      failsAs('file_exists', /products-r7/),
    )
  }
  assert.equal(await readFile(forged, 'utf8'), 'id\r\n6\r\n')

  const umask = process.umask(0o022)
  t.after(() => process.umask(umask))
  // The right bytes, but under a name that somebody else can change.
  const { path: right } = await fetchExport(edge, wanted('csv'), other, never)
  const places: [string, (at: string) => Promise<void>][] = [
    ['a symbolic link', (at) => symlink(right, at)],
    ['a second name', (at) => link(right, at)],
    ['writable by all', (at) => writeFile(at, 'id\r\n1\r\n').then(() => chmod(at, 0o666))],
  ]
  if (process.getuid?.() === 0)
    places.push([
      "another user's",
      (at) => writeFile(at, 'id\r\n1\r\n').then(() => chown(at, 65_534, 65_534)),
    ])
  for (const [what, put] of places) {
    await rm(forged, { force: true })
    await put(forged)
    await assert.rejects(
      fetchExport(edge, wanted('csv'), out, never),
      failsAs('file_exists', /products-r7/),
      what,
    )
  }
})
