/** `products`: what is sold. */
import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { dateCheck, integerChecks, oneOf, textChecks, urlChecks } from './check-constraints.ts'
import { name, provenance, sequence } from './shared-columns.ts'
import { categories, statuses, verifications } from './vocabulary.ts'

/** Columns along which the table is listed, and the filters within which it is listed by name. */
const walked = ['name', 'manufacturer', 'sku', 'category', 'status'] as const
const narrowed = ['category', 'status', 'manufacturer'] as const

export const products = sqliteTable(
  'products',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    sku: name().notNull(),
    gtin: text(),
    name: name().notNull(),
    manufacturer: name().notNull(),
    category: text({ enum: categories }).notNull(),
    status: text({ enum: statuses }).notNull().default('unknown'),
    datasheet_url: text(),
    datasheet_revision: text(),
    ...provenance(),
    sequence: sequence(),
  },
  (table) => [
    uniqueIndex('products_natural_key').on(table.manufacturer, table.sku),
    uniqueIndex('products_gtin').on(table.gtin),
    ...walked.map((column) => index(`products_by_${column}`).on(table[column], table.sequence)),
    ...narrowed.map((filter) =>
      index(`products_${filter}_by_name`).on(table[filter], table.name, table.sequence),
    ),
    ...textChecks('products', ['sku', 'name', 'manufacturer'], 120),
    ...textChecks('products', ['datasheet_revision', 'source_title', 'source_licence'], 300),
    ...urlChecks('products', ['datasheet_url', 'source_url']),
    check(
      'products_gtin_form',
      sql.raw("gtin IS NULL OR (gtin NOT GLOB '*[^0-9]*' AND length(gtin) IN (8, 12, 13, 14))"),
    ),
    oneOf('products', 'category', categories),
    oneOf('products', 'status', statuses),
    oneOf('products', 'verification', verifications),
    ...integerChecks('products', { version: [1, 1e9] }),
    dateCheck('products', 'source_retrieved_on'),
  ],
)
