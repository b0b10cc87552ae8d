/** Reads products from the database. Where an index serves a list, the list is one range of it: see listing-queries.ts. */
import { eq, getTableColumns } from 'drizzle-orm'
import { productIndexes, products } from '../../../drizzle/schema/schema.ts'
import { productFields } from '../../../protocol/catalogue/columns.ts'
import type { ProductFilterName } from '../../../protocol/catalogue/filters.ts'
import type { ProductFilters } from '../../../protocol/catalogue/query.ts'
import type { Product } from '../../../protocol/catalogue/shapes.ts'
import { pickColumns, selectRevision, type Catalogue } from './catalogue-queries.ts'
import {
  countRows,
  listRows,
  readsOtherRows,
  searchTable,
  sortOf,
  type Filters,
  type ListedTable,
} from './listing-queries.ts'
import type { Page, Position } from './cursor.ts'

export const shownProductColumns = pickColumns(getTableColumns(products), productFields)

const listed = {
  table: products,
  columns: { ...shownProductColumns, sequence: products.sequence },
  search: searchTable('product_search'),
  filters: { q: 'search', manufacturer: 'selective', category: 'equality', status: 'equality' },
  indexes: productIndexes,
} satisfies ListedTable<ProductFilterName>

/** At most `limit` rows after `after`, with their revision; of each row `fields` and what its position needs. */
export function listProducts(
  catalogue: Catalogue,
  filters: ProductFilters,
  after: Position | undefined,
  limit: number,
  fields: readonly string[] = productFields,
): Promise<Page<Product>> {
  return listRows(catalogue, listed, filters as Filters, { position: after, limit, fields })
}

export function countProducts(catalogue: Catalogue, filters: ProductFilters): Promise<number> {
  return countRows(catalogue, listed, filters as Filters)
}

/** See `readsOtherRows`. */
export function areCostlyProducts(filters: ProductFilters): boolean {
  return readsOtherRows(listed, filters as Filters)
}

export async function findProduct(catalogue: Catalogue, id: number) {
  const row = catalogue.select(shownProductColumns).from(products).where(eq(products.id, id))
  const [revisions, items] = await catalogue.batch([selectRevision(catalogue), row])
  return { revision: revisions[0]?.revision ?? 0, product: items[0] }
}

/** The position of `product` in the list, after which the next page begins. */
export function productPosition(product: Product, filters: ProductFilters = {}): Position {
  const sort = sortOf(filters as Filters) as keyof Product | undefined
  return sort === undefined ? { id: product.id } : { id: product.id, value: product[sort] }
}
