/** What is asked of the database about batteries. Every listing is one range of one index where there is one: see listing-queries.ts. */
import { eq, getTableColumns, sql } from 'drizzle-orm'
import { lithiumIonBatteries as batteries, products } from '../../../drizzle/schema/schema.ts'
import { batteryRanges, temperatureUses } from '../../../protocol/catalogue/columns.ts'
import type { BatteryFilters } from '../../../protocol/catalogue/query.ts'
import type { Battery } from '../../../protocol/catalogue/shapes.ts'
import { selectRevision, type Catalogue } from './catalogue-queries.ts'
import { countRows, listRows, searchTable, sortOf, type Filters, type Listed } from './listing-queries.ts'
import type { Page, Position } from './paging.ts'
import { productColumns } from './product-queries.ts'

const { version: _version, created_at: _created, updated_at: _updated, ...kept } = getTableColumns(batteries)
const { sequence: _sequence, ...columns } = kept

/** In the order of a battery's columns: what a CSV header says. */
export const batteryFields = Object.keys(columns)

const listed = {
  table: batteries,
  columns: kept,
  search: searchTable('battery_search'),
  equalities: ['product_id', 'manufacturer', 'size_code', 'chemistry', 'format', 'kind'],
  selective: ['product_id', 'manufacturer'],
  narrowed: ['manufacturer', 'chemistry', 'format'],
  crossed: ['nominal_capacity_mah', 'specific_energy_mwh_per_kg'],
  ranges: batteryRanges,
  others: (filters) =>
    temperatureUses.flatMap((use) => {
      const at = filters[`${use}_at_mdegc`]
      const [least, greatest] = [
        kept[`minimum_${use}_temperature_mdegc`],
        kept[`maximum_${use}_temperature_mdegc`],
      ]
      return at === undefined ? [] : [sql`${at} BETWEEN +${least} AND +${greatest}`]
    }),
} satisfies Listed

/** The rows after `after`, at most `limit`, with the revision they belong to; of each row `fields` and what its position needs. */
export function listBatteries(
  catalogue: Catalogue,
  filters: BatteryFilters,
  after: Position | undefined,
  limit: number,
  fields: readonly string[] = batteryFields,
): Promise<Page<Battery>> {
  return listRows(catalogue, listed, filters as Filters, { position: after, limit, fields })
}

export function countBatteries(catalogue: Catalogue, filters: BatteryFilters): Promise<number> {
  return countRows(catalogue, listed, filters as Filters)
}

/** A battery with the product it is sold as. Two statements in one round trip: a join would collapse columns of one name. */
export async function findBattery(catalogue: Catalogue, id: number) {
  const productId = catalogue.select({ id: batteries.product_id }).from(batteries).where(eq(batteries.id, id))
  const [revisions, found, sold] = await catalogue.batch([
    selectRevision(catalogue),
    catalogue.select(columns).from(batteries).where(eq(batteries.id, id)),
    catalogue.select(productColumns).from(products).where(eq(products.id, productId)),
  ])
  return { revision: revisions[0]?.revision ?? 0, battery: found[0], product: sold[0] }
}

/** Where the page after `battery` begins. */
export function batteryPosition(battery: Battery, filters: BatteryFilters): Position {
  const sort = sortOf(listed, filters as Filters) as keyof Battery | undefined
  return sort === undefined ? { id: battery.id } : { id: battery.id, value: battery[sort] }
}
