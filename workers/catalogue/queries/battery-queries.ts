/** Reads batteries from the database. Where an index serves a list, the list is one range of it: see listing-queries.ts. */
import { eq, getTableColumns, sql, type SQL } from 'drizzle-orm'
import { batteryIndexes, lithiumIonBatteries as batteries, products } from '../../../drizzle/schema/schema.ts'
import { batteryFields } from '../../../protocol/catalogue/columns.ts'
import {
  batteryRanges,
  temperatureUses,
  type BatteryFilterName,
  type TemperatureFilter,
} from '../../../protocol/catalogue/filters.ts'
import type { BatteryFilters } from '../../../protocol/catalogue/query.ts'
import type { Battery } from '../../../protocol/catalogue/shapes.ts'
import { pickColumns, selectRevision, type Catalogue } from './catalogue-queries.ts'
import {
  boundsOn,
  countRows,
  listRows,
  readsOtherRows,
  searchTable,
  sortOf,
  type Filters,
  type ListedTable,
} from './listing-queries.ts'
import type { Page, Position } from './cursor.ts'
import { shownProductColumns } from './product-queries.ts'

const columns = pickColumns(getTableColumns(batteries), batteryFields)

/** Conditions that the temperature is within the battery's range for each use. */
const temperatureFilters = Object.fromEntries(
  temperatureUses.map((use) => {
    const least = columns[`minimum_${use}_temperature_mdegc`]
    const greatest = columns[`maximum_${use}_temperature_mdegc`]
    return [`${use}_at_mdegc`, (at: string | number) => sql`${at} BETWEEN +${least} AND +${greatest}`]
  }),
) as Record<TemperatureFilter, (at: string | number) => SQL>

const listed = {
  table: batteries,
  columns: { ...columns, sequence: batteries.sequence },
  search: searchTable('battery_search'),
  filters: {
    q: 'search',
    product_id: 'selective',
    manufacturer: 'selective',
    size_code: 'equality',
    chemistry: 'equality',
    format: 'equality',
    kind: 'equality',
    ...temperatureFilters,
    ...boundsOn(batteryRanges),
  },
  indexes: batteryIndexes,
} satisfies ListedTable<BatteryFilterName>

/** At most `limit` rows after `after`, with their revision; of each row `fields` and what its position needs. */
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

/** See `readsOtherRows`. */
export function areCostlyBatteries(filters: BatteryFilters): boolean {
  return readsOtherRows(listed, filters as Filters)
}

/** A battery and the product it is sold as. Two statements in one round trip, since a join would merge columns of the same name. */
export async function findBattery(catalogue: Catalogue, id: number) {
  const productId = catalogue.select({ id: batteries.product_id }).from(batteries).where(eq(batteries.id, id))
  const [revisions, found, sold] = await catalogue.batch([
    selectRevision(catalogue),
    catalogue.select(columns).from(batteries).where(eq(batteries.id, id)),
    catalogue.select(shownProductColumns).from(products).where(eq(products.id, productId)),
  ])
  return { revision: revisions[0]?.revision ?? 0, battery: found[0], product: sold[0] }
}

/** The position of `battery` in the list, after which the next page begins. */
export function batteryPosition(battery: Battery, filters: BatteryFilters): Position {
  const sort = sortOf(filters as Filters) as keyof Battery | undefined
  return sort === undefined ? { id: battery.id } : { id: battery.id, value: battery[sort] }
}
