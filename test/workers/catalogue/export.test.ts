/** Exports: the same bytes for the same revision, and the digests by which a client checks them. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { crc32 } from 'node:zlib'
import { upsertStatements } from '../../../drizzle/seed/seed-sql.ts'
import { exportFormats, type ExportEnd } from '../../../protocol/catalogue/vocabulary.ts'
import { Battery, ExportDigestShape } from '../../../protocol/catalogue/shapes.ts'
import { someBatteries, someProducts } from '../../support/edge/catalogue-rows.ts'
import { catalogueEdge, type Edge } from '../../support/edge/edge.ts'

/** More than one of the exporter's pages. */
const count = 2_700
let edge: Edge

before(async () => {
  edge = await catalogueEdge({ seed: false })
  const products = someProducts(count)
  const [first, ...others] = someBatteries(products)
  assert.ok(first)
  const odd = {
    ...first,
    cathode_basis: 'a "quoted", comma',
    resistance_condition: '=1+1;=2',
    capacity_condition: 'µΩ 🔋',
    cycle_life_condition: '＝1+1',
    anode_basis: "'=1",
  }
  await edge.db.exec(upsertStatements({ products, batteries: [odd, ...others] }).join('\n'))
})
after(() => edge.close())

async function download(path: string) {
  const response = await fetch(edge.url + path)
  assert.equal(response.status, 200)
  return { bytes: Buffer.from(await response.arrayBuffer()), headers: response.headers }
}

function sums(bytes: Uint8Array) {
  return {
    bytes: bytes.length,
    crc32: crc32(bytes).toString(16).padStart(8, '0'),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }
}

for (const as of exportFormats) {
  test(`the digest of an export as ${as} is that of the bytes that are sent`, async () => {
    for (const query of [`as=${as}`, `as=${as}&chemistry=LFP&min_nominal_capacity_mah=1500`]) {
      const { bytes, headers } = await download(`/batteries/export?${query}`)
      const digest = ExportDigestShape.parse(
        await (await fetch(`${edge.url}/batteries/export/digest?${query}`)).json(),
      )
      assert.deepEqual({ ...digest, rows: 0, revision: 0 }, { ...sums(bytes), rows: 0, revision: 0 })
      assert.equal(String(digest.revision), headers.get('catalogue-revision'))
      assert.equal(digest.rows, query === `as=${as}` ? count : count * 0.2)
      assert.deepEqual((await download(`/batteries/export?${query}`)).bytes, bytes)
    }
  })
}

test('NDJSON ends with a record that has the digest of all bytes before it', async () => {
  const { bytes } = await download('/batteries/export?as=ndjson')
  const cut = bytes.lastIndexOf(10, bytes.length - 2) + 1
  const { end } = JSON.parse(bytes.subarray(cut).toString()) as ExportEnd
  assert.deepEqual(
    { ...end, rows: 0, revision: 0 },
    { ...sums(bytes.subarray(0, cut)), rows: 0, revision: 0 },
  )
  const rows = bytes.subarray(0, cut).toString().trimEnd().split('\n')
  assert.equal(rows.length, end.rows)
  assert.equal(end.rows, count)
  const models = rows.map((row) => Battery.parse(JSON.parse(row)).model)
  assert.equal(new Set(models).size, count)
})

test('JSON is one array of the rows that the list shows', async () => {
  const rows = JSON.parse((await download('/batteries/export?as=json')).bytes.toString()) as unknown[]
  const page = (await (await fetch(`${edge.url}/batteries?limit=100`)).json()) as { items: unknown[] }
  assert.deepEqual(rows.slice(0, 100), page.items)
  assert.equal(rows.length, count)
})

test('CSV has a header, CRLF, quotes where needed, empty fields for unknown values, and no formulas', async () => {
  const { bytes, headers } = await download('/batteries/export')
  const [header, first, ...others] = bytes.toString().split('\r\n')
  assert.equal(header, Object.keys(Battery.shape).join(','))
  assert.match(
    first ?? '',
    /^1,1,Alpha Cells,M-P-001,cell,NMC,"a ""quoted"", comma",''=1,cylindrical,,,1000,,µΩ 🔋,3600,/,
  )
  assert.match(first ?? '', /,'=1\+1;'=2,/)
  assert.match(first ?? '', /,'＝1\+1,/)
  assert.equal(others.length, count) // the other rows and what follows the last line break
  assert.equal(others.at(-1), '')
  assert.equal(headers.get('content-type'), 'text/csv; charset=utf-8; header=present')
  const revision = headers.get('catalogue-revision')
  assert.equal(headers.get('content-disposition'), `attachment; filename="batteries-r${revision}.csv"`)
})

test('an export without rows is a complete file', async () => {
  async function empty(as: string) {
    return (await download(`/batteries/export?chemistry=LTO&as=${as}`)).bytes.toString()
  }
  assert.equal(await empty('csv'), `${Object.keys(Battery.shape).join(',')}\r\n`)
  assert.equal(await empty('json'), '[]\n')
  const { end } = JSON.parse(await empty('ndjson')) as ExportEnd
  assert.deepEqual(
    { rows: end.rows, bytes: end.bytes, crc32: end.crc32 },
    { rows: 0, bytes: 0, crc32: '00000000' },
  )
})

test('the filters of products narrow their export', async () => {
  const rows = JSON.parse(
    (await download('/products/export?as=json&category=charger')).bytes.toString(),
  ) as object[]
  assert.equal(rows.length, count / 3)
})

test('a client that has the file of this revision is answered 304', async () => {
  const address = `${edge.url}/batteries/export?as=json&chemistry=LFP`
  const whole = await fetch(address)
  const tag = whole.headers.get('etag') ?? ''
  await whole.body?.cancel()
  const again = await fetch(address, { headers: { 'if-none-match': tag } })
  assert.deepEqual([again.status, await again.text(), again.headers.get('etag')], [304, '', tag])
  const other = await fetch(`${address}&sort=mass_mg`, { headers: { 'if-none-match': tag } })
  assert.equal(other.status, 200)
  await other.body?.cancel()
})
