/**
 * The whole edge inside this process: the bundled Worker in workerd, its D1 database and Durable Objects, with the data in a folder.
 * The only importer of Miniflare, which is loaded when the edge is started and may be absent.
 */
import { readFile, mkdir } from 'node:fs/promises'
import type * as Library from 'miniflare'
import { VoltdropError } from '../../protocol/errors.ts'
import { systemError } from '../files/system-errors.ts'

/** The Worker's configuration as tools/bundle.ts takes it from wrangler.toml, in Miniflare's words. */
export type EdgeConfig = {
  readonly name: string
  readonly compatibilityDate: string
  readonly database: { readonly binding: string; readonly id: string }
  readonly durableObjects: readonly { readonly binding: string; readonly className: string }[]
  readonly rateLimits: readonly {
    readonly binding: string
    readonly namespace: string
    readonly simple: { readonly limit: number; readonly period: 10 | 60 }
  }[]
  readonly vars: Readonly<Record<string, string>>
}

/** SQL as single statements: D1 prepares one at a time. */
type Migration = { readonly name: string; readonly statements: readonly string[] }
export type EdgeDatabase = { readonly migrations: readonly Migration[]; readonly seed: Migration }

export type EdgeParts = {
  readonly config: EdgeConfig
  readonly database: EdgeDatabase
  readonly worker: string
}

export type EdgeOptions = {
  readonly host: string
  /** 0: a free port. */
  readonly port: number
  readonly dataFolder: string
  /** Values over those of wrangler.toml, secrets among them. */
  readonly vars?: Readonly<Record<string, string>>
  /** Takes what the Worker writes to its log, one line at a time. */
  readonly log: (line: string) => void
}

export type EmbeddedEdge = { readonly url: URL; readonly close: () => Promise<void> }

/** The version this edge was tested with; npm's `latest` is an older major with another interface. */
const MINIFLARE_VERSION = '5.20261023.2-beta'

/** How to get it where this program will find it: beside a program that is installed the same way. */
const INSTALL = `npm install --global voltdrop miniflare@${MINIFLARE_VERSION}`

/** Reads the parts that tools/bundle.ts made. */
export async function loadEdgeParts(): Promise<EdgeParts> {
  const folder = new URL(import.meta.url.endsWith('.ts') ? '../../dist/edge/' : './edge/', import.meta.url)
  function read(name: string): Promise<string> {
    return readFile(new URL(name, folder), 'utf8')
  }
  try {
    const [config, database, worker] = await Promise.all([
      read('config.json'),
      read('database.json'),
      read('worker.js'),
    ])
    // Our own build output, not input from outside: its shape is the bundler's business.
    return {
      config: JSON.parse(config) as EdgeConfig,
      database: JSON.parse(database) as EdgeDatabase,
      worker,
    }
  } catch (error) {
    throw new VoltdropError('internal', 'the bundled edge is missing; npm run bundle makes it', {
      cause: error,
    })
  }
}

/**
 * Starts the edge, brings its database up to date and seeds an empty one. Resolves when requests are answered.
 * @throws VoltdropError `not_possible_here` when Miniflare is not installed or the port is taken; `not_writable` for the folder.
 */
export async function startEmbeddedEdge(parts: EdgeParts, options: EdgeOptions): Promise<EmbeddedEdge> {
  const library = await loadMiniflare()
  await makeFolder(options.dataFolder)
  const listeners = signalListeners()
  const miniflare = createMiniflare(library, parts, options)
  // Miniflare would end the process on these signals before what runs here has been finished; whoever started it closes it.
  for (const { signal, listener } of signalListeners()) {
    if (!listeners.some((known) => known.listener === listener)) process.off(signal, listener)
  }
  try {
    const url = await miniflare.ready
    const { migrations, seed } = parts.database
    await migrate(await miniflare.getD1Database(parts.config.database.binding), [...migrations, seed])
    return { url, close: () => miniflare.dispose() }
  } catch (error) {
    await miniflare.dispose().catch(() => {
      // What is reported is why it did not start, not why it did not stop.
    })
    throw startFailure(error, options)
  }
}

type MiniflareModule = typeof Library

/** Another major version refuses these options, and most likely it is the one that npm calls the latest. */
function createMiniflare({ Miniflare, NoOpLog }: MiniflareModule, parts: EdgeParts, options: EdgeOptions) {
  try {
    return new Miniflare(miniflareOptions(new NoOpLog(), parts, options))
  } catch (error) {
    throw new VoltdropError(
      'not_possible_here',
      `this is another Miniflare than the edge needs: ${INSTALL}`,
      {
        cause: error,
      },
    )
  }
}

/** No request of its own to anybody, `Request.cf` included: the edge must start without internet. */
export const selfContained = {
  cf: false,
  telemetry: { enabled: false },
  enableDevRegistry: false,
  logRequests: false,
} as const

function miniflareOptions(
  log: InstanceType<MiniflareModule['NoOpLog']>,
  parts: EdgeParts,
  options: EdgeOptions,
) {
  return {
    host: options.host,
    port: options.port,
    resourcePersistencePath: options.dataFolder,
    ...selfContained,
    log,
    handleStructuredLogs: (entry: { readonly message: string }) => options.log(entry.message),
    workers: [{ config: workerConfig(parts, options.vars ?? {}) }],
  }
}

function signalListeners() {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  return signals.flatMap((signal) =>
    process.rawListeners(signal).map((listener) => ({ signal, listener: listener as () => void })),
  )
}

async function loadMiniflare() {
  try {
    return await import('miniflare')
  } catch (error) {
    throw new VoltdropError('not_possible_here', `voltdrop edge needs Miniflare: ${INSTALL}`, {
      cause: error,
    })
  }
}

function startFailure(error: unknown, options: EdgeOptions): unknown {
  const text = String(error)
  if (error instanceof VoltdropError) return error
  if (/EADDRINUSE|address already in use/i.test(text)) {
    return new VoltdropError(
      'not_possible_here',
      `port ${options.port} is taken: choose another with --port`,
      {
        cause: error,
      },
    )
  }
  return error
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw systemError(error, folder, 'not_writable')
  }
}

/** The Worker as Miniflare takes it; `ownVars` stand over those of wrangler.toml. */
export function workerConfig({ config, worker }: EdgeParts, ownVars: Readonly<Record<string, string>>) {
  const { name, compatibilityDate, database, durableObjects, rateLimits } = config
  const vars = { ...config.vars, ...ownVars }
  return {
    name,
    compatibilityDate,
    manifest: {
      mainModule: 'worker.js',
      modulesRoot: '/',
      modules: { 'worker.js': { type: 'esm' as const, contents: worker } },
    },
    env: {
      [database.binding]: { type: 'd1' as const, id: database.id },
      ...Object.fromEntries(
        durableObjects.map(({ binding, className }) => [
          binding,
          { type: 'durable-object' as const, worker: name, exportName: className },
        ]),
      ),
      ...Object.fromEntries(
        rateLimits.map(({ binding, namespace, simple }) => [
          binding,
          { type: 'rate-limit' as const, namespace, simple },
        ]),
      ),
      ...Object.fromEntries(
        Object.entries(vars).map(([key, value]) => [key, { type: 'text' as const, value }]),
      ),
    },
    exports: Object.fromEntries(
      durableObjects.map(({ className }) => [
        className,
        { type: 'durable-object' as const, storage: 'sqlite' as const },
      ]),
    ),
  }
}

/** The part of D1 that is used here. */
type Database<S> = { prepare(sql: string): S; batch(statements: S[]): Promise<unknown> }
type Statement<S> = { bind(...values: unknown[]): S; all<T>(): Promise<{ results: T[] }> }

/**
 * Applies what has not been applied yet, each migration in one transaction together with its row in wrangler's own tracking table, so
 * that wrangler and this edge can take turns on one database. The seed is tracked the same way: rows that were deleted stay deleted.
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
