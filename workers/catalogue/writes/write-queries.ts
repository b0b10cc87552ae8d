/**
 * Writes the catalogue. Changes are decided at one revision and written only if the catalogue is still at it, in one transaction with
 * their entries in the change log. All rows of one kind of change are one JSON value in one statement.
 */
import { getTableName, sql, type SQL } from 'drizzle-orm'
import { catalogueChanges, lithiumIonBatteries, products } from '../../../drizzle/schema/schema.ts'
import type { Resource } from '../../../protocol/catalogue/vocabulary.ts'
import { writableFields } from '../../../protocol/catalogue/columns.ts'
import { naturalKeys } from '../../../protocol/catalogue/natural-keys.ts'
import type { CatalogueRow } from '../../../protocol/catalogue/column-facts.ts'
import { openCatalogue, runBatch, type Catalogue } from '../queries/catalogue-queries.ts'

/** An existing row, with its id. */
export type StoredRow = CatalogueRow & { readonly id: number }

export type Change = {
  readonly resource: Resource
  readonly action: 'create' | 'update' | 'delete'
  readonly manufacturer: string
  readonly name: string
  readonly before_sha256: string | null
  readonly after_sha256: string | null
}

/** The changes of one request to one resource. */
export type Changes = {
  readonly create?: readonly CatalogueRow[]
  /** Whole rows, each with its id. */
  readonly update?: readonly StoredRow[]
  readonly remove?: readonly number[]
  /** Products that the new batteries refer to by `product_manufacturer` and `product_sku`. One that exists is left unchanged. */
  readonly products?: readonly CatalogueRow[]
  readonly record: readonly Change[]
  /** Names the token that was used. */
  readonly writer: string
}

const tables = { products, batteries: lithiumIonBatteries } as const

function name(text: string): SQL {
  return sql.raw(`\`${text}\``)
}
function list(items: readonly SQL[]): SQL {
  return sql.join([...items], sql.raw(', '))
}
function value(field: string): SQL {
  return sql.raw(`row.value->>'${field}'`)
}
function rowsOf(rows: readonly unknown[]): SQL {
  return sql`json_each(${JSON.stringify(rows)}) AS row`
}
function tableOf(resource: Resource): SQL {
  return name(getTableName(tables[resource]))
}

/** Reads that a write depends on go to the primary, which has the latest writes. */
export function openForWriting(database: D1Database): Catalogue {
  return openCatalogue(database, 'first-primary')
}

/** A battery may name its product by natural key instead of id, since the product may be created in the same transaction. */
const productOf = sql`coalesce(${value('product_id')}, (SELECT id FROM products WHERE manufacturer = ${value('product_manufacturer')} AND sku = ${value('product_sku')}))`

/** The expression that fills a column from `rows`. For a field that none of them has it is NULL: looking into each row takes time. */
function filling(rows: readonly CatalogueRow[]) {
  return (field: string): SQL => {
    if (field === 'product_id') return productOf
    return rows.some((row) => (row[field] ?? null) !== null) ? value(field) : sql.raw('NULL')
  }
}

function insert(resource: Resource, rows: readonly CatalogueRow[], onConflict = sql``): SQL {
  const columns = writableFields[resource]
  const values = columns.map(filling(rows))
  return sql`INSERT INTO ${tableOf(resource)} (${list(columns.map(name))}) SELECT ${list(values)} FROM ${rowsOf(rows)} WHERE true ${onConflict}`
}

function update(resource: Resource, rows: readonly StoredRow[]): SQL {
  const fill = filling(rows)
  const sets = writableFields[resource].map((field) => sql`${name(field)} = ${fill(field)}`)
  const now = sql`strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`
  return sql`UPDATE ${tableOf(resource)} SET ${list(sets)}, version = version + 1, updated_at = ${now} FROM ${rowsOf(rows)} WHERE ${tableOf(resource)}.id = ${value('id')}`
}

function remove(resource: Resource, ids: readonly number[]): SQL {
  return sql`DELETE FROM ${tableOf(resource)} WHERE id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`
}

function record(changes: readonly Change[], writer: string): SQL {
  const columns = ['resource', 'action', 'manufacturer', 'name', 'before_sha256', 'after_sha256']
  return sql`INSERT INTO ${name(getTableName(catalogueChanges))} (token, ${list(columns.map(name))}) SELECT ${writer}, ${list(columns.map(value))} FROM ${rowsOf(changes)}`
}

/** Sets NULL, which the column refuses, and so fails the whole transaction, unless the catalogue is at `revision`. */
function stillAt(revision: number): SQL {
  return sql`UPDATE catalogue_revision SET revision = CASE WHEN revision = ${revision} THEN revision END`
}

/**
 * Writes all of `changes` in one transaction if the catalogue is still at `revision`.
 * @returns false when it is not, and nothing was written.
 */
export async function applyChanges(
  catalogue: Catalogue,
  resource: Resource,
  revision: number,
  changes: Changes,
): Promise<boolean> {
  const { create = [], update: changed = [], remove: gone = [], products: sold = [] } = changes
  const statements = [
    ...(sold.length > 0 ? [insert('products', sold, sql`ON CONFLICT DO NOTHING`)] : []),
    ...(create.length > 0 ? [insert(resource, create)] : []),
    ...(changed.length > 0 ? [update(resource, changed)] : []),
    ...(gone.length > 0 ? [remove(resource, gone)] : []),
    record(changes.record, changes.writer),
  ]
  try {
    await runBatch(catalogue, [stillAt(revision), ...statements])
    return true
  } catch (error) {
    if (reasons(error).includes('NOT NULL constraint failed: catalogue_revision.revision')) return false
    throw error
  }
}

/** The messages of an error and its causes: drizzle wraps the database's error. */
function reasons(error: unknown): string {
  return error instanceof Error ? `${error.message}\n${reasons(error.cause)}` : ''
}

/** Id and writable columns of the rows of `resource` that `from` selects, with their revision. */
async function readRows(catalogue: Catalogue, resource: Resource, from: SQL) {
  const columns = ['id', ...writableFields[resource]].map(
    (field) => sql`${tableOf(resource)}.${name(field)} AS ${name(field)}`,
  )
  const [revisions = [], rows = []] = await runBatch(catalogue, [
    sql`SELECT revision FROM catalogue_revision`,
    sql`SELECT ${list(columns)} ${from}`,
  ])
  return { revision: Number(revisions[0]?.['revision'] ?? 0), rows: rows as StoredRow[] }
}

/** The rows with these natural keys. A CROSS JOIN fixes the order of the join: one index lookup for each key. */
export function readByKeys(catalogue: Catalogue, resource: Resource, keys: readonly (readonly string[])[]) {
  const [first, second] = naturalKeys[resource]
  const table = tableOf(resource)
  return readRows(
    catalogue,
    resource,
    sql`FROM ${rowsOf(keys)} CROSS JOIN ${table} WHERE ${table}.${name(first)} = row.value->>0 AND ${table}.${name(second)} = row.value->>1`,
  )
}

/** The products with one of these ids or GTINs. */
export async function readProducts(
  catalogue: Catalogue,
  { ids = [], gtins = [] }: { ids?: readonly number[]; gtins?: readonly string[] },
) {
  const { rows } = await readRows(
    catalogue,
    'products',
    sql`FROM products WHERE id IN (SELECT value FROM json_each(${JSON.stringify(ids)})) OR gtin IN (SELECT value FROM json_each(${JSON.stringify(gtins)}))`,
  )
  return rows
}

/** How many batteries refer to a product, and the first ten of them. */
export async function readReferring(catalogue: Catalogue, productId: number) {
  const battery = { id: lithiumIonBatteries.id, model: lithiumIonBatteries.model }
  const of = sql`${lithiumIonBatteries.product_id} = ${productId}`
  const [[counted], first] = await catalogue.batch([
    catalogue
      .select({ rows: sql<number>`count(*)` })
      .from(lithiumIonBatteries)
      .where(of),
    catalogue
      .select(battery)
      .from(lithiumIonBatteries)
      .where(of)
      .orderBy(lithiumIonBatteries.sequence)
      .limit(10),
  ])
  return { count: counted?.rows ?? 0, first }
}
