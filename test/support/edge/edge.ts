/** The whole edge for a test file: the bundled Worker in workerd, with migrations and seed applied. */
import { Miniflare, NoOpLog } from 'miniflare'
import { type EdgeDatabase, loadEdgeParts } from '../../../agent/edge/embedded/edge-parts.ts'
import { migrate } from '../../../agent/edge/embedded/migrate-database.ts'
import { selfContained, workerConfig } from '../../../agent/edge/embedded/worker-config.ts'
import { refuseStaleBundle } from '../bundle.ts'
import { withoutRateLimits } from '../without-rate-limits.ts'
import { Database, databaseWorker } from './database.ts'
import { keep } from '../keep.ts'

export type Edge = {
  /** Without a trailing slash. */
  readonly url: string
  /** The Worker's own bindings, from this process: the first call starts a thread. */
  bindings(): Promise<Record<string, unknown>>
  /** The Worker's database, for changes that the Worker does not know of. */
  readonly db: Database
  /** Sends a request with headers that `fetch` does not allow, such as `upgrade`. */
  fetch(path: string, headers: Record<string, string>): Promise<{ readonly status: number }>
  /** Evicts the room from memory; `close` also closes its sockets, as a deployment does. */
  evictRoom(number: number, webSockets: 'hibernate' | 'close'): Promise<void>
  /** The database of a Durable Object. */
  storageOf(
    className: 'Room' | 'Lobby' | 'ExportDesk',
    name: string,
  ): ReturnType<Miniflare['unsafeGetDurableObjectStorage']>
  close(): Promise<void>
}

type EdgeOptions = {
  /** Test-only values over those of wrangler.toml. */
  readonly vars?: Record<string, string>
  readonly secrets?: Record<string, string>
  /** Without the rate limits of wrangler.toml, because all clients of a test have the same address. */
  readonly unlimited?: boolean
  /** Without the seed the catalogue is empty. */
  readonly seed?: boolean
  /** Where the databases are, for tests that look at their files. */
  readonly dataFolder?: string
}

/**
 * Starts an edge on a free port of the loopback (about 1 s: one for each test file); end it with `after(() => edge.close())`. It is
 * Miniflare alone, without the second workerd that `wrangler dev` puts in front, because twenty files start one;
 * test/workers/wrangler.test.ts compares the two.
 */
export async function startEdge({
  vars = {},
  secrets = {},
  unlimited = false,
  seed = true,
  dataFolder,
}: EdgeOptions = {}): Promise<Edge> {
  await refuseStaleBundle()
  const parts = await loadEdgeParts()
  const { database } = parts
  const config = unlimited ? withoutRateLimits(parts.config) : parts.config
  // Tests change the database directly, so lists are answered from memory only when a test asks for that.
  const ownVars = { LIST_MEMORY_SECONDS: '0', ...vars, ...secrets }
  const miniflare = new Miniflare({
    host: '127.0.0.1',
    port: 0,
    ...(dataFolder === undefined ? {} : { resourcePersistencePath: dataFolder }),
    ...selfContained,
    unsafeInspectDurableObjects: true,
    log: new NoOpLog(),
    handleStructuredLogs: () => {},
    workers: [{ config: workerConfig({ ...parts, config }, ownVars) }, { config: databaseWorker(config) }],
  })
  try {
    const { origin: url } = await miniflare.ready
    const db = new Database(miniflare)
    await fillCatalogue(db, database, seed)
    return edgeOf(miniflare, { url, db, name: config.name })
  } catch (error) {
    // Otherwise a test file that fails to load would leave its workerd running.
    await miniflare.dispose()
    throw error
  }
}

/**
 * An edge for tests of the catalogue: an earlier file's, where there is one, with its database emptied and filled again. Its rate limits and
 * rooms are as that file left them.
 */
export async function catalogueEdge({
  secrets = {},
  seed = true,
}: Omit<EdgeOptions, 'vars'> = {}): Promise<Edge> {
  const {
    value: edge,
    isNew,
    close,
  } = await keep(
    `catalogue ${JSON.stringify(secrets)}`,
    () => startEdge({ secrets, seed }),
    (started) => started.close(),
  )
  if (!isNew) {
    await edge.db.dropTables()
    await fillCatalogue(edge.db, (await loadEdgeParts()).database, seed)
  }
  return { ...edge, close }
}

/** An edge for tests of rooms: an earlier file's, where there is one. Each test opens rooms of its own. */
export async function roomsEdge(): Promise<Edge> {
  const { value, close } = await keep(
    'rooms',
    () => startEdge({ seed: false, unlimited: true }),
    (started) => started.close(),
  )
  return { ...value, close }
}

function fillCatalogue(db: Database, { migrations, seed }: EdgeDatabase, isSeeded: boolean): Promise<void> {
  return migrate(db, isSeeded ? [...migrations, seed] : migrations)
}

type Started = Pick<Edge, 'url' | 'db'> & { readonly name: string }

function edgeOf(miniflare: Miniflare, { url, db, name: worker }: Started): Edge {
  return {
    url,
    bindings: () => miniflare.getBindings(),
    db,
    fetch: (path, headers) => miniflare.dispatchFetch(url + path, { headers }),
    evictRoom: (number, webSockets) =>
      miniflare.unsafeEvictDurableObject(worker, 'Room', { name: String(number), webSockets }),
    storageOf: (className, name) => miniflare.unsafeGetDurableObjectStorage(worker, className, { name }),
    close: () => miniflare.dispose(),
  }
}
