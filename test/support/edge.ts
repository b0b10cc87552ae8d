/** The whole edge for a test file: the real Worker in workerd, with the migrations and the seed applied. */
import path from 'node:path'
import type { D1Database } from '@cloudflare/workers-types'
import { createTestHarness, type TestHarness, type WorkerHandle } from 'wrangler'

// The runtime would ask a server of its vendor for a sample `Request.cf`; tests talk to nobody outside.
process.env['CLOUDFLARE_CF_FETCH_ENABLED'] = 'false'

const root = path.resolve(import.meta.dirname, '../..')

export type Edge = {
  /** Without a slash at its end. */
  readonly url: string
  /** The Worker's own bindings, reached from here. */
  readonly env: { readonly DB: D1Database } & Record<string, unknown>
  readonly harness: TestHarness
  readonly worker: WorkerHandle
  close(): Promise<void>
}

type EdgeOptions = {
  /** Test-only values over those of wrangler.toml. */
  readonly vars?: Record<string, string>
  readonly secrets?: Record<string, string>
  /** Without the seed the catalogue is empty. */
  readonly seed?: boolean
}

/** Starts an edge on a free port of the loopback (1 to 2 s: one for each test file); end it with `after(() => edge.close())`. */
export async function startEdge({ vars = {}, secrets = {}, seed = true }: EdgeOptions = {}): Promise<Edge> {
  const harness = createTestHarness({
    root,
    // Tests change the database behind the Worker's back, so it answers no list from memory unless a test asks for that.
    workers: [
      { configPath: path.join(root, 'wrangler.toml'), vars: { LIST_MEMORY_SECONDS: '0', ...vars }, secrets },
    ],
  })
  const { url } = await harness.listen()
  const worker = harness.getWorker()
  await worker.applyD1Migrations('DB')
  const env = (await worker.getEnv()) as Edge['env']
  if (seed) {
    const { seedSql } = await import('../../drizzle/seed/sql.ts')
    await runSql(env.DB, seedSql())
  }
  return { url: url.origin, env, harness, worker, close: () => harness.close() }
}

/** Runs statements that stand one on a line, in one call: every call from here into workerd costs milliseconds. */
export async function runSql(database: D1Database, sql: string): Promise<void> {
  await database.exec(sql)
}
