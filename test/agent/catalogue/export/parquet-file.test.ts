/** Exports as Parquet, which are written here from the rows that the edge gives. */
import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { fetchExport } from '../../../../agent/catalogue/export/export-file.ts'
import { failsAs, serve } from '../../../support/edge/fake-edge.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { answer, ndjson, product, sums, wanted } from './fake-export.ts'

const never = new AbortController().signal

test('an existing Parquet file is kept when the rows of the edge make it again; any other stays, and the export fails', async (t) => {
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

test('rows that would fill the memory are given up, however well they are compressed', async (t) => {
  const surplus = 'x'.repeat(1_000_000)
  const rows: readonly [object, number, RegExp][] = [
    [{ ...product(1), surplus }, 70, /longer rows/],
    [{ ...product(1), name: [[], [[]]] }, 2, /no value for name/],
  ]
  for (const [row, count, reason] of rows) {
    const body = gzipSync(`${JSON.stringify(row)}\n`.repeat(count), { level: 1 })
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const edge = await serve(t, (request, response) => {
      const digest = { revision: 7, rows: count, ...sums(''), bytes: 1e9 }
      if (request.url?.includes('/digest') === true) response.end(JSON.stringify(digest))
      else response.writeHead(200, { 'catalogue-revision': '7', 'content-encoding': 'gzip' }).end(body)
    })
    // oxlint-disable-next-line no-await-in-loop
    const out = await temporaryFolder(t)
    // oxlint-disable-next-line no-await-in-loop
    await assert.rejects(fetchExport(edge, wanted('parquet'), out, never), failsAs('corrupt', reason))
    // oxlint-disable-next-line no-await-in-loop
    assert.deepEqual(await readdir(out), [])
  }
})
