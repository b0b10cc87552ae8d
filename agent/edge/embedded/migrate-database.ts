/** Brings the embedded edge's database up to date. */
import type { Migration } from './edge-parts.ts'

/** The part of D1 that is used here. */
type Database<S> = { prepare(sql: string): S; batch(statements: S[]): Promise<unknown> }
type Statement<S> = { bind(...values: unknown[]): S; all<T>(): Promise<{ results: T[] }> }

/**
 * Applies what has not been applied yet, each migration in one transaction with its row in wrangler's own tracking table, so that
 * wrangler and this edge can take turns on one database. The seed is tracked the same way: deleted rows stay deleted.
 */
export async function migrate<S extends Statement<S>>(
  database: Database<S>,
  migrations: readonly Migration[],
): Promise<void> {
  await database
    .prepare(
      'CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, ' +
        'applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)',
    )
    .all()
  const { results } = await database.prepare('SELECT name FROM d1_migrations').all<{ name: string }>()
  const applied = new Set(results.map((row) => row.name))
  for (const { name, statements } of migrations) {
    if (applied.has(name)) continue
    const record = database.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name)
    // oxlint-disable-next-line no-await-in-loop -- each migration builds on the one before
    await database.batch([...statements.map((statement) => database.prepare(statement)), record])
  }
}
