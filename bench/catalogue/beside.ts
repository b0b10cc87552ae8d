/**
 * Runs beside the edge in the same Worker while it is measured: a bare Hono route to compare with, and a count of the rows that the
 * database reads for a request.
 */
import { Hono } from 'hono'

/** The parts of D1 that are wrapped here. */
type Result = { readonly results: readonly unknown[]; readonly meta: { readonly rows_read: number } }
type Statement = { all(): Promise<Result> }
type Database = {
  prepare(sql: string): Statement
  batch(statements: readonly unknown[]): Promise<Result[]>
  withSession(from: string): Database
}
type Environment = { readonly DB: Database }
type Edge = { fetch(request: Request, env: Environment, context: unknown): Response | Promise<Response> }

/** Paths under this one are not the edge's. */
const PREFIX = '/beside/'

/** The same columns and rows as a page of batteries, without validation, revision, cursor, ETag and headers. */
const PAGE_OF_ROWS = 'SELECT * FROM lithium_ion_batteries WHERE id > 0 ORDER BY id LIMIT 26'

let page: unknown

const bare = new Hono<{ Bindings: Environment }>()
  // The page as a constant: Hono and workerd alone.
  .get(`${PREFIX}constant`, async (c) => {
    page ??= { items: (await c.env.DB.prepare(PAGE_OF_ROWS).all()).results }
    return c.json(page)
  })
  // The page from the database, with as little as possible in between.
  .get(`${PREFIX}query`, async (c) => c.json({ items: (await c.env.DB.prepare(PAGE_OF_ROWS).all()).results }))

/** `database`, which reports the rows read by every batch to `read`. Single statements are not counted: lists are batches. */
function counted(database: Database, read: (rows: number) => void): Database {
  return {
    prepare: (sql) => database.prepare(sql),
    withSession: (from) => counted(database.withSession(from), read),
    async batch(statements) {
      const results = await database.batch(statements)
      for (const { meta } of results) read(meta.rows_read)
      return results
    },
  }
}

/** `edge`, with `/beside/constant`, `/beside/query` and `/beside/rows-read/<path>` in front. */
export function beside(edge: Edge): Edge {
  return {
    async fetch(request, env, context) {
      if (!request.url.includes(PREFIX)) return edge.fetch(request, env, context)
      const [origin, path = ''] = request.url.split(`${PREFIX}rows-read/`)
      if (path === '') return bare.fetch(request, env)
      let rows = 0
      const asked = new Request(`${origin}/${path}`, { headers: { 'cache-control': 'no-cache' } })
      const counting = { ...env, DB: counted(env.DB, (read) => (rows += read)) }
      const answer = await edge.fetch(asked, counting, context)
      await answer.body?.cancel()
      return Response.json({ status: answer.status, rows })
    },
  }
}
