/** Queries that only the pages use: the makers to choose from, and the batteries of a product. */
import { asc, eq, sql } from 'drizzle-orm'
import { lithiumIonBatteries as batteries, products } from '../../drizzle/schema/schema.ts'
import type { Catalogue } from '../catalogue/queries/catalogue-queries.ts'

/** A longer list is no help to choose from. */
const MAX_MAKERS = 300

/**
 * The distinct makers of a table, in order. Each step of the recursion seeks the next name in the index, so the cost grows with
 * the names and not with the rows.
 */
export async function listMakers(catalogue: Catalogue, of: 'batteries' | 'products'): Promise<string[]> {
  const table = of === 'batteries' ? batteries : products
  const found = await catalogue.all<{ name: string }>(sql`
    WITH RECURSIVE maker(name) AS (
      SELECT min(${table.manufacturer}) FROM ${table}
      UNION ALL
      SELECT (SELECT min(${table.manufacturer}) FROM ${table} WHERE ${table.manufacturer} > maker.name)
      FROM maker WHERE maker.name IS NOT NULL
    )
    SELECT name FROM maker WHERE name IS NOT NULL LIMIT ${MAX_MAKERS}`)
  return found.map(({ name }) => name)
}

const MAX_BATTERIES_OF_PRODUCT = 50

/** Names of the cells and packs that are sold as this product. */
export function listBatteriesOf(catalogue: Catalogue, productId: number) {
  return catalogue
    .select({ id: batteries.id, manufacturer: batteries.manufacturer, model: batteries.model })
    .from(batteries)
    .where(eq(batteries.product_id, productId))
    .orderBy(asc(batteries.id))
    .limit(MAX_BATTERIES_OF_PRODUCT)
}
