/** Opens the catalogue for one request. */
import type { SQL } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/d1'
import { SQLiteSyncDialect } from 'drizzle-orm/sqlite-core'
import { catalogueRevision } from '../../../drizzle/schema/schema.ts'
import type { CatalogueRow } from '../../../protocol/catalogue/column-facts.ts'

/**
 * Reads go to the nearest replica, and never to one that is older than what this request has already seen.
 * Drizzle's types do not know D1 sessions; at run time it calls only `prepare` and `batch`, which a session has.
 */
export function openCatalogue(database: D1Database, constraint: D1SessionConstraint = 'first-unconstrained') {
  return drizzle(database.withSession(constraint) as unknown as D1Database)
}

export type Catalogue = ReturnType<typeof openCatalogue>

/** The statement that reads the revision, to be batched with the statement that reads the rows. */
export function selectRevision(catalogue: Catalogue) {
  return catalogue.select({ revision: catalogueRevision.revision }).from(catalogueRevision)
}

/** How often the catalogue has changed. Costs one row read. */
export async function readRevision(catalogue: Catalogue): Promise<number> {
  return (await selectRevision(catalogue))[0]?.revision ?? 0
}

/** These columns of a table, in the order of their names here. */
export function pickColumns<Columns extends object, Name extends keyof Columns>(
  columns: Columns,
  names: readonly Name[],
): Pick<Columns, Name> {
  return Object.fromEntries(names.map((name) => [name, columns[name]])) as Pick<Columns, Name>
}

const dialect = new SQLiteSyncDialect()

/**
 * Runs statements in one transaction and one round trip. @returns the rows of each as the database gives them: Drizzle's own `batch` takes
 * only statements of its builder, and maps every value of every row.
 */
export async function runBatch(
  catalogue: Catalogue,
  statements: readonly { getSQL(): SQL }[],
): Promise<CatalogueRow[][]> {
  const prepared = statements.map((statement) => {
    const query = dialect.sqlToQuery(statement.getSQL())
    return catalogue.$client.prepare(query.sql).bind(...query.params)
  })
  return (await catalogue.$client.batch<CatalogueRow>(prepared)).map(({ results }) => results)
}
