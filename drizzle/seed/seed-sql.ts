/**
 * The seed as SQL, one statement a line, for `wrangler d1 execute`, the embedded edge and the tests.
 * It may run again and again: what is there is brought up to date, except rows that somebody has changed since (version above 1).
 */
import { getTableColumns, getTableName } from 'drizzle-orm'
import { lithiumIonBatteries, products } from '../schema/schema.ts'
import { seedBatteries, seedProducts } from './seed-catalogue.ts'
import type { BatterySeed, ProductSeed } from './seed-row.ts'

/** D1 takes 100 KB a statement; 25 full rows are about half of that. */
const ROWS_PER_STATEMENT = 25

type Target = {
  readonly table: typeof products | typeof lithiumIonBatteries
  readonly naturalKey: readonly string[]
  /** Columns that are not simply a field of the row. */
  readonly expressions: Readonly<Record<string, string>>
}

const productTarget: Target = {
  table: products,
  naturalKey: ['manufacturer', 'sku'],
  expressions: {
    status: "coalesce(value->>'status', 'unknown')",
    verification: "coalesce(value->>'verification', 'unverified')",
  },
}

const batteryTarget: Target = {
  table: lithiumIonBatteries,
  naturalKey: ['manufacturer', 'model'],
  expressions: {
    verification: "coalesce(value->>'verification', 'unverified')",
    // No such product: NULL, which the column refuses, so a dangling row stops the seed.
    product_id:
      "(SELECT id FROM products WHERE sku = value->>'product_sku' AND manufacturer = coalesce(value->>'product_manufacturer', value->>'manufacturer'))",
  },
}

/** What the database fills by itself. */
const kept = new Set(['id', 'version', 'created_at', 'updated_at'])

/** JSON as an SQL string. JSON escapes line breaks, so the statement stays on its line. */
function quoted(value: unknown): string {
  return `'${JSON.stringify(value).replaceAll("'", "''")}'`
}

function upsert(target: Target, rows: readonly object[]): string {
  const columns = Object.entries(getTableColumns(target.table))
    .filter(([name, column]) => column.generated === undefined && !kept.has(name))
    .map(([name]) => name)
  const values = columns.map((name) => target.expressions[name] ?? `value->>'${name}'`)
  const facts = columns.filter((name) => !target.naturalKey.includes(name))
  const now = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"
  return [
    `INSERT INTO ${getTableName(target.table)} (${columns.join(', ')})`,
    `SELECT ${values.join(', ')} FROM json_each(${quoted(rows)}) WHERE true`,
    `ON CONFLICT (${target.naturalKey.join(', ')}) DO UPDATE`,
    `SET ${facts.map((name) => `${name} = excluded.${name}`).join(', ')}, updated_at = ${now}`,
    // Only a row that differs counts as a change, or each start would raise the revision.
    `WHERE version = 1 AND (${facts.join(', ')}) IS NOT (${facts.map((name) => `excluded.${name}`).join(', ')});`,
  ].join(' ')
}

function statements(target: Target, rows: readonly object[]): string[] {
  const count = Math.ceil(rows.length / ROWS_PER_STATEMENT)
  return Array.from({ length: count }, (_, i) =>
    upsert(target, rows.slice(i * ROWS_PER_STATEMENT, (i + 1) * ROWS_PER_STATEMENT)),
  )
}

/** Statements that bring these rows into the catalogue: products first, batteries refer to them. */
export function upsertStatements(rows: {
  products: readonly ProductSeed[]
  batteries: readonly BatterySeed[]
}): string[] {
  return [...statements(productTarget, rows.products), ...statements(batteryTarget, rows.batteries)]
}

/** The whole seed: statements separated by line breaks, none of which stands inside a statement. */
export function seedSql(): string {
  return `${upsertStatements({ products: seedProducts, batteries: seedBatteries }).join('\n')}\n`
}
