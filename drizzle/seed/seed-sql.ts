/**
 * The seed as SQL, one statement a line, for `wrangler d1 execute`, the embedded edge and the tests.
 * It may be run repeatedly: existing rows are updated, except those that were changed since they were seeded (version above 1).
 */
import { getTableName } from 'drizzle-orm'
import type { ColumnTable } from '../../protocol/catalogue/column-facts.ts'
import { columnsOf } from '../../protocol/catalogue/columns.ts'
import { naturalKeys } from '../../protocol/catalogue/natural-keys.ts'
import type { Resource } from '../../protocol/catalogue/vocabulary.ts'
import { lithiumIonBatteries, products } from '../schema/schema.ts'
import { seedBatteries, seedProducts } from './seed-catalogue.ts'
import type { BatterySeed, ProductSeed } from './seed-row.ts'

/** D1 takes 100 KB a statement; 25 full rows are about half of that. */
const ROWS_PER_STATEMENT = 25

const tables = { products, batteries: lithiumIonBatteries } as const

/** The product that a row names. If it does not exist, NULL, which the column refuses: the seed stops. */
const PRODUCT_ID =
  "(SELECT id FROM products WHERE sku = value->>'product_sku' AND manufacturer = coalesce(value->>'product_manufacturer', value->>'manufacturer'))"

/** The columns that a seed fills, each with the expression that takes its value from a row. */
function expressionsOf(columns: ColumnTable): [column: string, sql: string][] {
  return Object.entries(columns)
    .filter(([, { type }]) => type !== 'id' && type !== 'derived')
    .map(([column, facts]) => {
      const value = `value->>'${column}'`
      if (facts.type === 'reference') return [column, PRODUCT_ID]
      return [column, facts.default === undefined ? value : `coalesce(${value}, '${facts.default}')`]
    })
}

/** JSON as an SQL string. JSON escapes line breaks, so the statement stays on one line. */
function quoted(value: unknown): string {
  return `'${JSON.stringify(value).replaceAll("'", "''")}'`
}

function upsert(resource: Resource, rows: readonly object[]): string {
  const expressions = expressionsOf(columnsOf[resource])
  const key: readonly string[] = naturalKeys[resource]
  const columns = expressions.map(([column]) => column)
  const facts = columns.filter((column) => !key.includes(column))
  const now = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"
  return [
    `INSERT INTO ${getTableName(tables[resource])} (${columns.join(', ')})`,
    `SELECT ${expressions.map(([, sql]) => sql).join(', ')} FROM json_each(${quoted(rows)}) WHERE true`,
    `ON CONFLICT (${key.join(', ')}) DO UPDATE`,
    `SET ${facts.map((name) => `${name} = excluded.${name}`).join(', ')}, updated_at = ${now}`,
    // Only a row that differs is updated: an update of every row would raise the revision each time.
    `WHERE version = 1 AND (${facts.join(', ')}) IS NOT (${facts.map((name) => `excluded.${name}`).join(', ')});`,
  ].join(' ')
}

function statements(resource: Resource, rows: readonly object[]): string[] {
  const count = Math.ceil(rows.length / ROWS_PER_STATEMENT)
  return Array.from({ length: count }, (_, i) =>
    upsert(resource, rows.slice(i * ROWS_PER_STATEMENT, (i + 1) * ROWS_PER_STATEMENT)),
  )
}

/** Statements that insert or update these rows: products first, because batteries refer to them. */
export function upsertStatements(rows: {
  products: readonly ProductSeed[]
  batteries: readonly BatterySeed[]
}): string[] {
  return [...statements('products', rows.products), ...statements('batteries', rows.batteries)]
}

/** The whole seed, one statement a line. */
export function seedSql(): string {
  return `${upsertStatements({ products: seedProducts, batteries: seedBatteries }).join('\n')}\n`
}
