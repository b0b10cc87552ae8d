/** No filter is ignored: a query, a shape or a table that lacks one does not compile, and each filter changes the SQL. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { products } from '../../../drizzle/schema/schema.ts'
import type { Mismatch } from '../../../drizzle/schema/shared-columns.ts'
import type { None } from '../../../protocol/catalogue/column-facts.ts'
import type { BatteryColumn, productColumns } from '../../../protocol/catalogue/columns.ts'
import type { BatteryFilterName, ProductFilterName } from '../../../protocol/catalogue/filters.ts'
import {
  BatteryExportQuery,
  BatteryQuery,
  ProductExportQuery,
  ProductQuery,
  type BatteryFilters,
  type ProductFilters,
} from '../../../protocol/catalogue/query.ts'
import {
  areCostlyBatteries,
  countBatteries,
  listBatteries,
} from '../../../workers/catalogue/queries/battery-queries.ts'
import { openCatalogue } from '../../../workers/catalogue/queries/catalogue-queries.ts'
import type { ListedTable } from '../../../workers/catalogue/queries/listing-queries.ts'
import { countProducts, listProducts } from '../../../workers/catalogue/queries/product-queries.ts'

type FiltersOf<Name extends string> = ListedTable<Name>['filters']

// Maps that lack a name must not compile: `tsc -b` fails if one of them does.
export const whole: FiltersOf<ProductFilterName> = {
  q: 'search',
  category: 'equality',
  status: 'equality',
  manufacturer: 'selective',
}
// @ts-expect-error -- `status` is not answered
export const lacking: FiltersOf<ProductFilterName> = {
  q: 'search',
  category: 'equality',
  manufacturer: 'selective',
}
export const unknownFilter: FiltersOf<ProductFilterName> = {
  ...whole,
  // @ts-expect-error -- there is no such filter
  colour: 'equality',
}
// @ts-expect-error -- neither ranges nor temperatures are answered
export const withoutRanges: FiltersOf<BatteryFilterName> = {
  ...whole,
  chemistry: 'equality',
  format: 'equality',
  kind: 'equality',
  size_code: 'equality',
  product_id: 'selective',
}

// The parameters of a query are exactly the filters and the order.
type Ordering = 'sort' | 'order'
export type ProductQueryLacks = None<Exclude<ProductFilterName | Ordering, keyof ProductFilters>>
export type ProductQueryAdds = None<Exclude<keyof ProductFilters, ProductFilterName | Ordering>>
export type BatteryQueryLacks = None<Exclude<BatteryFilterName | Ordering, keyof BatteryFilters>>
export type BatteryQueryAdds = None<Exclude<keyof BatteryFilters, BatteryFilterName | Ordering>>

// Nor must a list of columns that is not complete, or a table whose columns differ.
// @ts-expect-error -- `mass_mg` is left over
export type LackingColumn = None<Extract<BatteryColumn, 'mass_mg'>>
type Selected = typeof products.$inferSelect
type MismatchOf<Row> = Mismatch<Row, typeof productColumns>
type WithoutGtin = Omit<Selected, 'gtin'>
type WithNullableSku = Omit<Selected, 'sku'> & { sku: string | null }
// @ts-expect-error -- `gtin` is missing
export type LackingInTable = None<MismatchOf<WithoutGtin>>
// @ts-expect-error -- `sku` can be null
export type NullableInTable = None<MismatchOf<WithNullableSku>>
// @ts-expect-error -- `colour` is one too many
export type TooManyInTable = None<MismatchOf<Selected & { colour: string }>>

/** The statements that `ask` would run, with their values. */
async function statementsOf(ask: (catalogue: ReturnType<typeof openCatalogue>) => Promise<unknown>) {
  const taken: string[] = []
  function prepare(sql: string) {
    return {
      bind: (...values: unknown[]) => {
        const statement = JSON.stringify([sql, values])
        return { statement, raw: () => (taken.push(statement), Promise.resolve([[0]])) }
      },
    }
  }
  const database = {
    withSession: () => database,
    prepare,
    batch: (statements: { statement: string }[]) => {
      taken.push(...statements.map(({ statement }) => statement))
      return Promise.resolve(statements.map(() => ({ results: [] })))
    },
  }
  await ask(openCatalogue(database as unknown as Parameters<typeof openCatalogue>[0]))
  return taken.join()
}

const viewParameters = ['limit', 'cursor', 'fields', 'include', 'as', 'sort', 'order']
/** A value that each filter takes. */
function valueOf(name: string): string {
  const values: Record<string, string> = {
    category: 'charger',
    status: 'active',
    chemistry: 'LFP',
    format: 'pouch',
    kind: 'pack',
  }
  return values[name] ?? (/^(min|max)_|_at_mdegc$|_id$/.test(name) ? '7' : 'word')
}

const lists = [
  {
    what: 'products',
    query: ProductQuery,
    exported: ProductExportQuery,
    list: listProducts,
    count: countProducts,
  },
  {
    what: 'batteries',
    query: BatteryQuery,
    exported: BatteryExportQuery,
    list: listBatteries,
    count: countBatteries,
  },
] as const

for (const { what, query, exported, list, count } of lists) {
  const names = Object.keys(query.shape).filter((name) => !viewParameters.includes(name))

  test(`each filter of ${what} narrows the list, its count and its export`, async () => {
    const exportedNames = Object.keys(exported.shape).filter((name) => !viewParameters.includes(name))
    assert.deepEqual(exportedNames, names)
    const all = await statementsOf((catalogue) => list(catalogue, {}, undefined, 10))
    const counted = await statementsOf((catalogue) => count(catalogue, {}))
    for (const name of names) {
      const parsed: Record<string, unknown> = query.parse({ [name]: valueOf(name) })
      const filters = { [name]: parsed[name] } as never
      // oxlint-disable-next-line no-await-in-loop -- one filter after the other
      const narrowed = await statementsOf((catalogue) => list(catalogue, filters, undefined, 10))
      assert.notEqual(narrowed, all, name)
      assert.ok(narrowed.includes(JSON.stringify(parsed[name])) || name === 'q', name)
      // oxlint-disable-next-line no-await-in-loop
      assert.notEqual(await statementsOf((catalogue) => count(catalogue, filters)), counted, name)
    }
  })
}

test('a list is costly when a page may read rows that it does not show', () => {
  const cheap: BatteryFilters[] = [
    {},
    { q: 'LG' },
    { chemistry: 'NMC' },
    { sort: 'mass_mg', order: 'desc' },
    { min_mass_mg: 1, max_mass_mg: 2 },
    { chemistry: 'NMC', sort: 'nominal_capacity_mah', min_nominal_capacity_mah: 5 },
  ]
  const costly: BatteryFilters[] = [
    { q: 'LG 18650' },
    { q: 'LG', sort: 'mass_mg' },
    { q: 'LG', chemistry: 'NMC' },
    { chemistry: 'NMC', format: 'coin' },
    { chemistry: 'NMC', sort: 'mass_mg' },
    { min_mass_mg: 1, max_cycle_life: 2 },
    { charging_at_mdegc: 0 },
    { manufacturer: 'LG', sort: 'mass_mg' },
  ]
  assert.deepEqual(cheap.filter(areCostlyBatteries), [])
  assert.deepEqual(
    costly.filter((filters) => !areCostlyBatteries(filters)),
    [],
  )
})
