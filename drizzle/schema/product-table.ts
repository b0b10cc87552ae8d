/** `products`: what is sold. */
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { productColumns } from '../../protocol/catalogue/columns.ts'
import { productEqualities, productSorts } from '../../protocol/catalogue/filters.ts'
import { naturalKeys } from '../../protocol/catalogue/natural-keys.ts'
import { columnChecks } from './check-constraints.ts'
import { indexedColumns, name, provenance, sequence, type Mismatch } from './shared-columns.ts'
import type { None } from '../../protocol/catalogue/column-facts.ts'

/** Each pair of a filter and an order has an index. An index slows down every write; lists of these pairs are common enough. */
export const productIndexes = {
  filters: ['manufacturer', 'category', 'status'],
  orders: ['name'],
} as const satisfies {
  filters: readonly (typeof productEqualities)[number][]
  orders: readonly (typeof productSorts)[number][]
}

export const products = sqliteTable(
  'products',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    sku: name().notNull(),
    gtin: text(),
    name: name().notNull(),
    manufacturer: name().notNull(),
    category: text({ enum: productColumns.category.values }).notNull(),
    status: text({ enum: productColumns.status.values }).notNull().default(productColumns.status.default),
    datasheet_url: text(),
    datasheet_revision: text(),
    ...provenance(),
    sequence: sequence(),
  },
  (table) => {
    const [maker, number] = naturalKeys.products
    return [
      uniqueIndex('products_natural_key').on(table[maker], table[number]),
      uniqueIndex('products_gtin').on(table.gtin),
      ...indexedColumns(productEqualities, productSorts).map((column) =>
        index(`products_by_${column}`).on(table[column], table.sequence),
      ),
      ...productIndexes.filters.flatMap((filter) =>
        productIndexes.orders.map((order) =>
          index(`products_${filter}_by_${order}`).on(table[filter], table[order], table.sequence),
        ),
      ),
      ...columnChecks('products', productColumns),
    ]
  },
)

/** Does not compile unless the table has exactly the columns of `productColumns`, with their types. */
export type ProductTableIsWhole = None<Mismatch<typeof products.$inferSelect, typeof productColumns>>
