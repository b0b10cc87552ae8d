/**
 * The database of a test's edge, reached through a small second Worker: each call is one request. Miniflare's own bindings block the
 * process for a round trip at every `prepare` and `bind`, which took half of the time of tests with many queries.
 */
import type { Miniflare } from 'miniflare'
import type { EdgeConfig } from '../../../agent/edge/embedded/edge-parts.ts'

type Result<Row> = { readonly results: Row[]; readonly meta: { readonly rows_read?: number } }
type Row = Record<string, unknown>

const workerName = 'database'

const script = `export default {
  async fetch(request, { DB }) {
    const { sql, queries } = await request.json()
    try {
      if (sql !== undefined) return Response.json([await DB.exec(sql)])
      const statements = queries.map(({ sql, values }) => DB.prepare(sql).bind(...values))
      return Response.json(statements.length === 1 ? [await statements[0].all()] : await DB.batch(statements))
    } catch (error) {
      return new Response(error.message, { status: 500 })
    }
  },
}`

/** For Miniflare's list of workers, after the edge. */
export function databaseWorker({ compatibilityDate, database }: EdgeConfig) {
  return {
    name: workerName,
    compatibilityDate,
    manifest: {
      mainModule: 'worker.js',
      modulesRoot: '/',
      modules: { 'worker.js': { type: 'esm' as const, contents: script } },
    },
    env: { DB: { type: 'd1' as const, id: database.id } },
  }
}

class Statement {
  readonly sql: string
  readonly values: readonly unknown[]
  readonly #database: Database

  constructor(database: Database, sql: string, values: readonly unknown[]) {
    this.#database = database
    this.sql = sql
    this.values = values
  }

  bind(...values: unknown[]): Statement {
    return new Statement(this.#database, this.sql, values)
  }

  async all<T = Row>(): Promise<Result<T>> {
    const [result] = await this.#database.batch<T>([this])
    if (result === undefined) throw new Error('no result')
    return result
  }

  async run(): Promise<void> {
    await this.all()
  }

  /** The first row, or its value of one column. */
  async first(): Promise<Row | null>
  async first(column: string): Promise<unknown>
  async first(column?: string): Promise<unknown> {
    const [row] = (await this.all()).results
    return row === undefined || column === undefined ? (row ?? null) : row[column]
  }
}

export class Database {
  readonly #miniflare: Miniflare

  constructor(miniflare: Miniflare) {
    this.#miniflare = miniflare
  }

  prepare(sql: string): Statement {
    return new Statement(this, sql, [])
  }

  batch<T = Row>(statements: readonly Statement[]): Promise<Result<T>[]> {
    return this.#ask({ queries: statements.map(({ sql, values }) => ({ sql, values })) })
  }

  /** Runs statements, one per line. */
  async exec(sql: string): Promise<void> {
    await this.#ask({ sql })
  }

  /** Leaves the database as it was before the first migration. */
  async dropTables(): Promise<void> {
    const { results } = await this.prepare(
      "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual') " +
        "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'",
    ).all<{ name: string }>()
    const drops = results.map(({ name }) => this.prepare(`DROP TABLE ${name}`))
    // In whatever order they refer to one another.
    await this.batch([this.prepare('PRAGMA defer_foreign_keys = on'), ...drops])
  }

  async #ask<T>(body: object): Promise<T> {
    const worker = await this.#miniflare.getWorker(workerName)
    const response = await worker.fetch('http://database/', { method: 'POST', body: JSON.stringify(body) })
    const text = await response.text()
    if (!response.ok) throw new Error(text)
    return JSON.parse(text) as T
  }
}
