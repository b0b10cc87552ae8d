/** Imports: many rows at once, all or none, and each fault reported with its row and field. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { upsertStatements } from '../../../drizzle/seed/seed-sql.ts'
import { MAX_IMPORT_ROWS } from '../../../protocol/catalogue/import-rows.ts'
import { someBatteries, someProducts } from '../../support/edge/catalogue-rows.ts'
import { catalogueEdge, type Edge } from '../../support/edge/edge.ts'
import { faults, send, writeSecrets } from '../../support/edge/writer.ts'

let edge: Edge

before(async () => {
  edge = await catalogueEdge({ seed: false, secrets: writeSecrets })
  const products = someProducts(20)
  await edge.db.exec(upsertStatements({ products, batteries: someBatteries(products) }).join('\n'))
})
after(() => edge.close())

const source_url = 'https://example.com/sheet.pdf'
const cell = { manufacturer: 'Gamma', kind: 'cell', source_url }
function batteriesOf(rows: object[], query = '') {
  return send(edge, 'POST', `/batteries/import${query}`, { rows })
}
async function count(table: string) {
  return edge.db.prepare(`SELECT count(*) AS n FROM ${table}`).first('n')
}
async function state() {
  return Promise.all(['products', 'lithium_ion_batteries', 'catalogue_changes'].map((table) => count(table)))
}

test('rows are added or changed by natural key, and those that did not change are counted apart', async () => {
  const rows = [
    { sku: 'G-1', name: 'One', manufacturer: 'Gamma', category: 'charger', source_url },
    { sku: 'p-002', manufacturer: 'BETA POWER', name: 'Renamed' },
    { sku: 'P-003', manufacturer: 'Alpha Cells', category: 'charger' },
  ]
  const answer = await send(edge, 'POST', '/products/import', { rows })
  assert.equal(answer.status, 200)
  const { revision, ...counts } = answer.body
  assert.deepEqual(counts, { dry_run: false, created: 1, updated: 1, unchanged: 1, products_created: 0 })
  assert.equal(revision, (await send(edge, 'GET', '/products')).body['revision'])
  const changed = await send(edge, 'GET', '/products/2')
  // The key keeps its spelling, and a field that the row does not name keeps its value.
  assert.deepEqual(
    [changed.body['name'], changed.body['sku'], changed.body['manufacturer'], changed.body['source_url']],
    ['Renamed', 'P-002', 'Beta Power', source_url],
  )
})

test('the same import again changes nothing', async () => {
  const rows = [{ ...cell, model: 'A', product_sku: 'P-001', product_manufacturer: 'alpha cells' }]
  await batteriesOf(rows)
  const before = await state()
  const { created, updated, unchanged } = (await batteriesOf(rows)).body
  assert.deepEqual([created, updated, unchanged], [0, 0, 1])
  assert.deepEqual(await state(), before)
})

test('null clears a field, and a field that is left out keeps its value', async () => {
  const row = { manufacturer: 'Beta Power', model: 'M-P-004' }
  await batteriesOf([{ ...row, mass_mg: null, cycle_life: 700 }])
  const { items } = (await send(edge, 'GET', '/batteries?q=m-p-004')).body as {
    items: Record<string, unknown>[]
  }
  assert.deepEqual(
    [items[0]?.['mass_mg'], items[0]?.['cycle_life'], items[0]?.['nominal_voltage_mv']],
    [null, 700, 3600],
  )
})

test('a dry run gives the same counts and changes nothing', async () => {
  const rows = [
    { ...cell, model: 'Dry' },
    { manufacturer: 'Alpha Cells', model: 'M-P-005', cycle_life: 1 },
  ]
  const before = await state()
  const dry = await batteriesOf(rows, '?dry_run=true&create_products=true')
  assert.deepEqual([dry.body['dry_run'], dry.body['created'], dry.body['updated']], [true, 1, 1])
  assert.deepEqual(await state(), before)
  const done = await batteriesOf(rows, '?create_products=true')
  assert.deepEqual([done.body['dry_run'], done.body['created'], done.body['updated']], [false, 1, 1])
})

test('a missing product is created on request, with the manufacturer and model of the battery', async () => {
  const rows = [
    { ...cell, model: 'C-1' },
    { ...cell, model: 'C-2', kind: 'pack', product_sku: 'SET' },
    { ...cell, model: 'C-3', product_sku: 'set', product_manufacturer: 'GAMMA' },
  ]
  const refused = await batteriesOf(rows)
  assert.deepEqual(faults(refused), [
    422,
    'bad_field',
    '/rows/0/product_id',
    '/rows/1/product_sku',
    '/rows/2/product_sku',
  ])
  assert.equal((await batteriesOf(rows, '?create_products=true')).body['created'], 3)
  const { items } = (
    await send(edge, 'GET', '/products?manufacturer=gamma&sort=sku&fields=sku,name,category')
  ).body
  assert.deepEqual(
    (items as Record<string, unknown>[]).filter(({ sku }) => sku !== 'G-1' && sku !== 'Dry'),
    [
      { sku: 'C-1', name: 'Gamma C-1', category: 'lithium_ion_cell' },
      { sku: 'SET', name: 'Gamma SET', category: 'lithium_ion_pack' },
    ],
  )
})

test('an import with a faulty row is refused whole, with every fault of every row', async () => {
  const before = await state()
  const answer = await batteriesOf(
    [
      { ...cell, model: 'W-1' },
      { ...cell, model: 'W-2', mass_mg: '45 g', chemistry: 'lead' },
      { manufacturer: 'Gamma', model: 'W-3' },
      { ...cell, model: 'w-1' },
      { ...cell, model: 'INR18650-X', size_code: 'R21700' },
      { ...cell, model: 'W-4', colour: 'red', product_id: 9999 },
      { manufacturer: 'Alpha Cells', model: 'M-P-001', minimum_capacity_mah: 5000 },
    ],
    '?create_products=true',
  )
  assert.deepEqual(
    faults(answer).slice(2).map(String).toSorted(),
    [
      '/rows/1/chemistry',
      '/rows/1/mass_mg',
      '/rows/2/kind',
      '/rows/2/source_url',
      '/rows/3',
      '/rows/4/size_code',
      '/rows/5/colour',
      '/rows/6/minimum_capacity_mah',
    ].toSorted(),
  )
  assert.deepEqual(await state(), before)
})

test('a GTIN is given once, within an import and beyond it', async () => {
  const row = { manufacturer: 'Gamma', name: 'N', category: 'other', source_url, gtin: '4006381333931' }
  const twice = await send(edge, 'POST', '/products/import', {
    rows: [
      { ...row, sku: 'T-1' },
      { ...row, sku: 'T-2' },
    ],
  })
  assert.deepEqual(faults(twice), [422, 'bad_field', '/rows/1/gtin'])
  assert.equal((await send(edge, 'POST', '/products/import', { rows: [{ ...row, sku: 'T-1' }] })).status, 200)
  const again = await send(edge, 'POST', '/products/import', { rows: [{ ...row, sku: 'T-3' }] })
  assert.deepEqual(faults(again), [422, 'bad_field', '/rows/0/gtin'])
})

test('a request takes 1,000 rows, and one more is refused', async () => {
  const rows = Array.from({ length: MAX_IMPORT_ROWS }, (_, i) => ({
    ...cell,
    model: `B-${i}`,
    product_id: 1,
  }))
  assert.equal((await batteriesOf(rows)).body['created'], MAX_IMPORT_ROWS)
  const changes = await count('catalogue_changes')
  assert.ok(Number(changes) >= MAX_IMPORT_ROWS)
  const more = await batteriesOf([...rows, { ...cell, model: 'more', product_id: 1 }])
  assert.deepEqual(faults(more), [422, 'bad_field', '/rows'])
})

test('an import of nothing, or of something else, is refused', async () => {
  for (const [body, place] of [
    [{ rows: [] }, '/rows'],
    [{}, '/rows'],
    [{ rows: [7] }, '/rows/0'],
    [[], ''],
    [{ rows: [cell], more: 1 }, '/more'],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop
    const answer = await send(edge, 'POST', '/batteries/import', body)
    assert.deepEqual(faults(answer), [422, 'bad_field', place])
  }
})

test('two simultaneous imports of the same rows add them once', async () => {
  const rows = Array.from({ length: 50 }, (_, i) => ({ ...cell, model: `S-${i}`, product_id: 1 }))
  const answers = await Promise.all([batteriesOf(rows), batteriesOf(rows), batteriesOf(rows)])
  assert.deepEqual(
    answers
      .map(({ body }) => [body['created'], body['unchanged']])
      .toSorted(([a], [b]) => Number(a) - Number(b)),
    [
      [0, 50],
      [0, 50],
      [50, 0],
    ],
  )
})
