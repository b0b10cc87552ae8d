/** The catalogue's migrations in an in-memory SQLite, which tests the schema's rules in milliseconds. */
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export const migrationsFolder = path.resolve(import.meta.dirname, '../../../drizzle/migrations')

/** Name and text of each migration, in the order in which they are applied. */
export async function readMigrations(): Promise<{ name: string; sql: string }[]> {
  const names = (await readdir(migrationsFolder)).filter((name) => name.endsWith('.sql')).toSorted()
  return Promise.all(
    names.map(async (name) => ({ name, sql: await readFile(path.join(migrationsFolder, name), 'utf8') })),
  )
}

export async function openMigrated(): Promise<DatabaseSync> {
  const database = new DatabaseSync(':memory:')
  for (const { sql } of await readMigrations()) database.exec(sql)
  return database
}
