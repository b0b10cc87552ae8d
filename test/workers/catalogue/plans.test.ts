/** The query plans of lists: one range of one index, no scan, no sort, and no more rows read than the page needs. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { upsertStatements } from '../../../drizzle/seed/seed-sql.ts'
import { batterySorts, orders, productSorts } from '../../../protocol/catalogue/filters.ts'
import type { BatteryFilters, ProductFilters } from '../../../protocol/catalogue/query.ts'
import { listBatteries } from '../../../workers/catalogue/queries/battery-queries.ts'
import { openCatalogue } from '../../../workers/catalogue/queries/catalogue-queries.ts'
import type { Position } from '../../../workers/catalogue/queries/cursor.ts'
import { listProducts } from '../../../workers/catalogue/queries/product-queries.ts'
import { someBatteries, someProducts } from '../../support/edge/catalogue-rows.ts'
import { catalogueEdge, type Edge } from '../../support/edge/edge.ts'

let edge: Edge

before(async () => {
  edge = await catalogueEdge({ seed: false })
  const products = someProducts(600)
  await edge.db.exec(upsertStatements({ products, batteries: someBatteries(products) }).join('\n'))
})
after(() => edge.close())

type Listing = (catalogue: ReturnType<typeof openCatalogue>) => Promise<unknown>
type Statement = { readonly sql: string; readonly values: readonly unknown[] }

/** The statements of a list, one for each segment of its walk, recorded instead of run. */
async function statementsOf(list: Listing): Promise<Statement[]> {
  const taken: Statement[] = []
  const database = {
    withSession: () => database,
    prepare: (sql: string) => ({ bind: (...values: unknown[]) => ({ sql, values }) }),
    batch: (statements: Statement[]) => {
      taken.push(...statements)
      return Promise.resolve(statements.map(() => ({ results: [] })))
    },
  }
  await list(openCatalogue(database as unknown as Parameters<typeof openCatalogue>[0]))
  const listing = taken.filter(({ sql }) => sql.includes(' limit '))
  assert.ok(listing.length > 0)
  return listing
}

function prepared({ sql, values }: Statement, before = '') {
  return edge.db.prepare(before + sql).bind(...values)
}

/** SQLite's plans for each of them, in one round trip. */
async function plansOf(lists: Listing[]): Promise<string[]> {
  const statements = (await Promise.all(lists.map(statementsOf))).flat()
  const explained = statements.map((statement) => prepared(statement, 'EXPLAIN QUERY PLAN '))
  const plans = await edge.db.batch<{ detail: string }>(explained)
  return plans.map(({ results }) => results.map(({ detail }) => detail).join('; '))
}

/** Every combination of these filters, the empty one included. */
function combinations<Filters extends object>(all: Filters): Partial<Filters>[] {
  return Object.entries(all).reduce<Partial<Filters>[]>(
    (found, [name, value]) => [
      ...found,
      ...found.map((filters) => ({ ...filters, [name]: value as unknown })),
    ],
    [{}],
  )
}

function batteries(filters: BatteryFilters, after?: Position): Listing {
  return (db) => listBatteries(db, filters, after, 10)
}
function products(filters: ProductFilters, after?: Position): Listing {
  return (db) => listProducts(db, filters, after, 10)
}

const oneIndex = /^SEARCH (lithium_ion_batteries|products) USING (INDEX|INTEGER PRIMARY KEY)[^;]*$/

const batteryFilters: BatteryFilters = {
  chemistry: 'NMC',
  format: 'pouch',
  kind: 'cell',
  size_code: 'R18650',
  manufacturer: 'Alpha Cells',
  min_nominal_capacity_mah: 1_200,
  max_nominal_capacity_mah: 1_700,
}
const productFilters: ProductFilters = { category: 'charger', status: 'active', manufacturer: 'Beta Power' }

async function assertCombinations(): Promise<void> {
  const after = { id: 20, value: 1_300 } // the statements of a first page differ only in the position
  const plans = await plansOf([
    ...combinations(batteryFilters).map((filters) => batteries(filters, after)),
    ...combinations(productFilters).map((filters) => products(filters, after)),
  ])
  assert.equal(plans.length, 128 + 8)
  for (const plan of plans) assert.match(plan, oneIndex)
}

const places: (Position | undefined)[] = [
  undefined,
  { id: 20, value: 'x' },
  { id: 20, value: null },
  { id: 20, value: 'x', back: true },
  { id: 20, value: null, back: true },
]

async function assertOrders(): Promise<void> {
  const plans = await plansOf(
    orders.flatMap((order) =>
      places.flatMap((place) => [
        ...batterySorts.map((sort) => batteries({ sort, order }, place)),
        ...productSorts.map((sort) => products({ sort, order }, place)),
      ]),
    ),
  )
  for (const plan of plans) assert.match(plan, oneIndex)
  const indexes = new Set(plans.flatMap((plan) => /USING INDEX (\w+)/.exec(plan)?.slice(1) ?? []))
  assert.equal(indexes.size, batterySorts.length - 1 + productSorts.length - 1)
}

test(
  'a list by id or by a range neither scans nor sorts, under any combination of filters',
  assertCombinations,
)
test(
  'a list in any order and direction neither scans nor sorts: first page, middle, unknown values, backwards',
  assertOrders,
)

const crossed: [BatteryFilters, string][] = [
  [{ chemistry: 'NMC', sort: 'nominal_capacity_mah' }, 'batteries_chemistry_by_nominal_capacity_mah'],
  [{ chemistry: 'NMC', min_nominal_capacity_mah: 9 }, 'batteries_chemistry_by_nominal_capacity_mah'],
  [{ format: 'pouch', sort: 'specific_energy_mwh_per_kg' }, 'batteries_format_by_specific_energy_mwh_per_kg'],
  [
    { manufacturer: 'Alpha Cells', chemistry: 'NMC', sort: 'nominal_capacity_mah' },
    'batteries_manufacturer_by_nominal_capacity_mah',
  ],
  [{ chemistry: 'NMC', sort: 'mass_mg' }, 'batteries_by_mass_mg'],
]

for (const [filters, index] of crossed) {
  test(`${JSON.stringify(filters)} is served by ${index}`, async () => {
    for (const plan of await plansOf(orders.map((order) => batteries({ ...filters, order })))) {
      assert.match(plan, oneIndex)
      assert.ok(plan.includes(` ${index} `), plan)
    }
  })
}

test('under a manufacturer, an order without an index sorts only the rows of that manufacturer', async () => {
  for (const plan of await plansOf([batteries({ manufacturer: 'Alpha Cells', sort: 'mass_mg' })])) {
    assert.match(plan, /^SEARCH \S+ USING INDEX batteries_(by_)?manufacturer\S* \(manufacturer=\?/)
  }
})

test('a text search uses the text index, and does not sort when it is ordered by id', async () => {
  const searched = [
    batteries({ q: 'alpha', chemistry: 'NMC' }, { id: 5 }),
    batteries({ q: 'alpha', order: 'desc' }, { id: 500 }),
    products({ q: 'alpha' }, { id: 5 }),
  ]
  for (const plan of await plansOf(searched)) {
    assert.match(
      plan,
      /^SCAN \w+_search VIRTUAL TABLE [^;]+; SEARCH \S+ USING INTEGER PRIMARY KEY \(rowid=\?\)$/,
    )
  }
})

const indexed: [string, BatteryFilters, Position?][] = [
  ['nothing', {}],
  ['chemistry', { chemistry: 'NMC' }],
  ['format', { format: 'pouch' }],
  ['manufacturer', { manufacturer: 'Alpha Cells' }],
  ['a range of capacity', { min_nominal_capacity_mah: 1_200, max_nominal_capacity_mah: 1_700 }],
  ['capacity', { sort: 'nominal_capacity_mah' }],
  ['capacity, descending', { sort: 'nominal_capacity_mah', order: 'desc' }],
  ['capacity of a chemistry', { sort: 'nominal_capacity_mah', chemistry: 'NMC' }],
  ['a range, descending', { max_nominal_capacity_mah: 1_700, order: 'desc' }],
  ['unknown capacity', { sort: 'nominal_capacity_mah' }, { id: 250, value: null }],
  ['unknown capacity, backwards', { sort: 'nominal_capacity_mah' }, { id: 250, value: null, back: true }],
]

for (const [what, filters, place] of indexed) {
  test(`a page by ${what} reads only the rows that it shows and one more, at any position`, async () => {
    // 60 batteries have 1500 mAh: the second page must begin among them, not at the first of them.
    for (const position of [undefined, place ?? { id: 246, value: 1_500 }]) {
      const [statement] = await statementsOf((db) => listBatteries(db, filters, position, 11))
      assert.ok(statement)
      const { results, meta } = await prepared(statement).all()
      assert.equal(results.length, 11)
      assert.ok((meta.rows_read ?? NaN) <= 11, `${meta.rows_read} rows read`)
    }
  })
}

test('the plans are the same with statistics of the tables (ANALYZE)', async () => {
  await edge.db.prepare('ANALYZE').run()
  await assertCombinations()
  await assertOrders()
})
