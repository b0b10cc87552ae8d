/** Exports from edges that cut them, change meanwhile or give a false digest: the result is a verified file with its manifest, or none. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import path from 'node:path'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { fetchExport } from '../../../../agent/catalogue/export/export-file.ts'
import type { ExportRequest } from '../../../../agent/command-line/arguments.ts'
import { failsAs, serve } from '../../../support/edge/fake-edge.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const never = new AbortController().signal

function sums(content: string | Buffer) {
  return {
    bytes: Buffer.byteLength(content),
    crc32: crc32(content).toString(16).padStart(8, '0'),
    sha256: createHash('sha256').update(content).digest('hex'),
  }
}

function product(id: number) {
  return {
    id,
    sku: `P-${id}`,
    gtin: id % 2 === 0 ? null : '12345670',
    name: `Product ${id} µ`,
    manufacturer: 'Alpha',
    category: 'charger',
    status: 'active',
    datasheet_url: null,
    datasheet_revision: null,
    source_url: 'https://example.com',
    source_title: null,
    source_licence: null,
    source_retrieved_on: null,
    verification: 'unverified',
  }
}

/** An NDJSON export of `count` products. */
function ndjson(count: number): string {
  const rows = Array.from({ length: count }, (_, i) => `${JSON.stringify(product(i + 1))}\n`).join('')
  return `${rows}${JSON.stringify({ end: { revision: 7, rows: count, ...sums(rows) } })}\n`
}

function wanted(format: ExportRequest['format'], filters: [string, string][] = []): ExportRequest {
  return {
    catalogue: 'products',
    format,
    filters,
  }
}

function answer(body: string): RequestListener {
  return (_, response) => void response.writeHead(200, { 'catalogue-revision': '7' }).end(body)
}

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
  const edge = await serve(t, (_, response) => {
    response.writeHead(200, { 'catalogue-revision': '7', 'content-length': String(Buffer.byteLength(body)) })
    if (breaks-- > 0) response.write(body.slice(0, 500), () => response.destroy())
    else response.end(body)
  })
  const out = await temporaryFolder(t)
  const { rows, path: file } = await fetchExport(edge, wanted('ndjson'), out, never)
  assert.equal(rows, 50)
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
    if (asked === 2) return void request.socket.destroy()
    response.writeHead(200, { 'catalogue-revision': '7', 'content-length': String(Buffer.byteLength(body)) })
    if (asked === 1) response.write(body.slice(0, 500), () => response.destroy())
    else response.end(body)
  })
  const out = await temporaryFolder(t)
  const { rows } = await fetchExport(edge, wanted('ndjson'), out, never)
  assert.deepEqual([rows, asked], [50, 3])
})

test('a digest of another revision means that the catalogue has changed: the export is fetched again', async (t) => {
  const body = 'id\r\n1\r\n'
  let revision = 7
  const edge = await serve(t, (request, response) => {
    const digest = request.url?.includes('/digest') === true
    if (digest && revision === 7) revision = 8
    const said = JSON.stringify({ revision, rows: 1, ...sums(body) })
    response.writeHead(200, { 'catalogue-revision': String(revision) }).end(digest ? said : body)
  })
  const out = await temporaryFolder(t)
  const { path: file } = await fetchExport(edge, wanted('csv'), out, never)
  assert.equal(path.basename(file), 'products-r8.csv')
  assert.deepEqual(await readdir(out), ['products-r8.csv'])
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

test('an existing file with the digest of its manifest is kept; with any other, the export fails and leaves it unchanged', async (t) => {
  const edge = await serve(t, answer(ndjson(3)))
  const out = await temporaryFolder(t)
  const first = await fetchExport(edge, wanted('parquet'), out, never, true)
  assert.deepEqual(await fetchExport(edge, wanted('parquet'), out, never, true), first)
  await writeFile(path.join(out, 'products-r7-status-active.parquet'), 'other bytes')
  await assert.rejects(
    fetchExport(edge, wanted('parquet', [['status', 'active']]), out, never, true),
    failsAs('file_exists', /products-r7-status-active.parquet/),
  )
})

test('a Parquet file has every row as it was exported, over several row groups, and always the same bytes', async (t) => {
  const count = 10_050 // more than one row group
  const edge = await serve(t, answer(ndjson(count)))
  const [one, two] = [await temporaryFolder(t), await temporaryFolder(t)]
  const first = await fetchExport(edge, wanted('parquet'), one, never)
  const second = await fetchExport(edge, wanted('parquet'), two, never)
  assert.equal(first.sha256, second.sha256)
  const { bytes, crc32: crc, sha256 } = first
  assert.deepEqual(sums(await readFile(first.path)), { bytes, crc32: crc, sha256 })
  const file = await asyncBufferFromFile(first.path)
  const { num_rows: rows, row_groups: groups } = await parquetMetadataAsync(file)
  assert.deepEqual([rows, groups.length, first.rows], [BigInt(count), 2, count])
  const read = await parquetReadObjects({ file, rowStart: 9_999, rowEnd: 10_001 })
  assert.deepEqual(
    read,
    [10_000, 10_001].map((id) => ({ ...product(id), id: BigInt(id) })),
  )
})

test('an export without rows is a complete Parquet file with all columns', async (t) => {
  const edge = await serve(t, answer(ndjson(0)))
  const { path: file, rows } = await fetchExport(edge, wanted('parquet'), await temporaryFolder(t), never)
  assert.equal(rows, 0)
  const metadata = await parquetMetadataAsync(await asyncBufferFromFile(file))
  assert.deepEqual(
    metadata.schema.slice(1).map(({ name }) => name),
    Object.keys(product(1)),
  )
})
