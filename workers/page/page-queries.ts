/** What only the page asks of the database: names to choose from, and the batteries behind a product. */
import { asc, eq, sql } from 'drizzle-orm'
import { lithiumIonBatteries as batteries, products } from '../../drizzle/schema/schema.ts'
import type { Catalogue } from '../catalogue/queries/catalogue-queries.ts'

/** More names than this are no help in a list to choose from. */
const MAX_MAKERS = 300

/**
 * The makers of a table, each once, in order. A step of the recursion jumps to the next name in the index, so the cost is that of
 * the names and not of the rows.
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

/** Names of the cells and packs that are sold as this product, at most 50. */
export function listBatteriesOf(catalogue: Catalogue, productId: number) {
  return catalogue
    .select({ id: batteries.id, manufacturer: batteries.manufacturer, model: batteries.model })
    .from(batteries)
    .where(eq(batteries.product_id, productId))
    .orderBy(asc(batteries.id))
    .limit(50)
}
