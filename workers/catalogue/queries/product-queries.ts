/** What is asked of the database about products. Every listing is one range of one index where there is one: see listing-queries.ts. */
import { eq, getTableColumns } from 'drizzle-orm'
import { products } from '../../../drizzle/schema/schema.ts'
import type { ProductFilters } from '../../../protocol/catalogue/query.ts'
import type { Product } from '../../../protocol/catalogue/shapes.ts'
import { selectRevision, type Catalogue } from './catalogue-queries.ts'
import { countRows, listRows, searchTable, sortOf, type Filters, type Listed } from './listing-queries.ts'
import type { Page, Position } from './paging.ts'

const { version: _version, created_at: _created, updated_at: _updated, ...kept } = getTableColumns(products)
const { sequence: _sequence, ...columns } = kept
export const productColumns = columns

/** In the order of a product's columns: what a CSV header says. */
export const productFields = Object.keys(columns)

const listed = {
  table: products,
  columns: kept,
  search: searchTable('product_search'),
  equalities: ['manufacturer', 'category', 'status'],
  selective: ['manufacturer'],
  narrowed: ['manufacturer', 'category', 'status'],
  crossed: ['name'],
  ranges: [],
} satisfies Listed

/** The rows after `after`, at most `limit`, with the revision they belong to; of each row `fields` and what its position needs. */
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

export async function findProduct(catalogue: Catalogue, id: number) {
  const row = catalogue.select(columns).from(products).where(eq(products.id, id))
  const [revisions, items] = await catalogue.batch([selectRevision(catalogue), row])
  return { revision: revisions[0]?.revision ?? 0, product: items[0] }
}

/** Where the page after `product` begins. */
export function productPosition(product: Product, filters: ProductFilters = {}): Position {
  const sort = sortOf(listed, filters as Filters) as keyof Product | undefined
  return sort === undefined ? { id: product.id } : { id: product.id, value: product[sort] }
}
