/** Whether the database has its tables and rows. */
import { sql } from 'drizzle-orm'
import type { Catalogue } from './catalogue-queries.ts'

/** Whether wrangler's list of applied migrations has this one. */
export async function hasMigration(catalogue: Catalogue, name: string): Promise<boolean> {
  try {
    const found = await catalogue.all(sql`SELECT name FROM d1_migrations WHERE name = ${name}`)
    return found.length > 0
  } catch (error) {
    if (lacksTable(error)) return false
    throw error
  }
}

/** Whether a query failed because its table is not there: no migration has been applied yet. */
export function lacksTable(error: unknown): boolean {
  return error instanceof Error && (/no such table/.test(error.message) || lacksTable(error.cause))
}
