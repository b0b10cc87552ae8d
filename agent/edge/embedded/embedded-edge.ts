/**
 * The whole edge in this process and workerd: a door in front of the bundled Worker, its D1 database and Durable Objects, with the data in
 * a folder. The only importer of Miniflare, which is loaded when the edge is started and may be absent.
 */
import type * as Library from 'miniflare'
import { VoltdropError } from '../../../protocol/errors.ts'
import { inTime } from '../../clock.ts'
import { type DataLock, lockData } from './data-lock.ts'
import { type Door, openDoor } from '../door/door.ts'
import { type ReachableAt, reachableAt } from '../door/reachable-at.ts'
import type { AddressRange } from '../access/addresses.ts'
import type { EdgeParts } from './edge-parts.ts'
import { migrate } from './migrate-database.ts'
import { databaseFailure, startFailure } from './start-failure.ts'
import { gatedWorkerConfig, selfContained } from './worker-config.ts'
import { guardWorkerd, type ProcessGuard, requireWorkerd, workerdOf } from './workerd-process.ts'

export type EdgeOptions = {
  readonly host: string
  /** 0: a free port. */
  readonly port: number
  readonly dataFolder: string
  /** Override those of wrangler.toml; secrets are among them. */
  readonly vars?: Readonly<Record<string, string>>
  /** Proxies that are believed when they say for whom a request is. */
  readonly proxies?: readonly AddressRange[]
  /** The program that Miniflare was told to run, by `MINIFLARE_WORKERD_PATH`. */
  readonly workerd?: string | undefined
  /** Takes what the Worker writes to its log, one line at a time. */
  readonly log: (line: string) => void
}

export type EmbeddedEdge = {
  /** For programs on this machine. */
  readonly url: URL
  /** For other machines. */
  readonly others: ReachableAt['others']
  readonly close: () => Promise<void>
}

/** The version this edge was tested with; npm's `latest` is an older major with another interface. */
const MINIFLARE_VERSION = '5.20261023.2-beta'

/** Puts it where this program finds it: beside a program that is installed the same way. */
const INSTALL = `npm install --global miniflare@${MINIFLARE_VERSION}, or without --global where voltdrop is installed so`

/** workerd takes well under a second, a slow machine a few. */
const START_MS = 30_000

/**
 * Starts the edge, brings its database up to date and seeds an empty one. Resolves when requests are answered; until then they get 503.
 * @throws VoltdropError `not_possible_here` when Miniflare or workerd is missing, the address cannot be listened on, or another edge
 * uses the folder; `not_writable` for the folder.
 */
export async function startEmbeddedEdge(parts: EdgeParts, options: EdgeOptions): Promise<EmbeddedEdge> {
  const library = await loadMiniflare()
  const workerd = options.workerd ?? findWorkerd()
  await requireWorkerd(workerd)
  const vars = { ...parts.config.vars, ...options.vars }
  // First of all, so that an address that is taken leaves nothing behind.
  const door = await openDoor({
    host: options.host,
    port: options.port,
    proxies: options.proxies ?? [],
    allowedOrigins: listed(vars['ALLOWED_ORIGINS']),
    tokenHashes: [vars['WRITE_TOKEN_SHA256'], vars['WRITE_TOKEN_SHA256_NEXT']].flatMap(hashBytes),
  })
  const started: Started = { door }
  try {
    started.lock = await lockData(options.dataFolder)
    started.guard = guardWorkerd(workerd)
    started.miniflare = createMiniflare(library, parts, options, door.secret)
    door.leadTo(await serveDatabase(started.miniflare, parts, options.dataFolder))
    const { local, others } = reachableAt(door.address)
    let stopped: Promise<void> | undefined
    return { url: local, others, close: () => (stopped ??= stop(started)) }
  } catch (error) {
    await stop(started).catch(() => {
      // Why it did not start is reported, not why it did not stop.
    })
    throw startFailure(error, options.dataFolder)
  }
}

/** What is to be ended, in the order in which it was started. */
type Started = {
  readonly door: Door
  lock?: DataLock
  guard?: ProcessGuard
  miniflare?: Library.Miniflare
}

async function stop({ door, lock, guard, miniflare }: Started): Promise<void> {
  try {
    await door.close()
    await miniflare?.dispose()
  } finally {
    guard?.release()
    lock?.release()
  }
}

/** Waits for workerd and fills its database. @returns where it listens. */
async function serveDatabase(
  miniflare: Library.Miniflare,
  { config, database }: EdgeParts,
  folder: string,
): Promise<URL> {
  const url = await inTime(miniflare.ready, START_MS, () => {
    throw new VoltdropError('not_possible_here', 'workerd does not answer; --debug may say more')
  })
  try {
    const opened = await miniflare.getD1Database(config.database.binding)
    await migrate(opened, [...database.migrations, database.seed])
  } catch (error) {
    throw databaseFailure(error instanceof Error ? error.message : String(error), folder, error)
  }
  return url
}

function listed(text = ''): string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
}

function hashBytes(hex: string | undefined): Uint8Array[] {
  return hex === undefined || hex === '' ? [] : [Buffer.from(hex, 'hex')]
}

type MiniflareModule = typeof Library

async function loadMiniflare(): Promise<MiniflareModule> {
  try {
    return await import('miniflare')
  } catch (error) {
    throw new VoltdropError('not_possible_here', `voltdrop edge needs Miniflare: ${INSTALL}`, {
      cause: error,
    })
  }
}

function findWorkerd(): string {
  try {
    return workerdOf(import.meta.resolve('miniflare'))
  } catch (error) {
    throw otherMiniflare(error)
  }
}

function otherMiniflare(cause: unknown): VoltdropError {
  return new VoltdropError(
    'not_possible_here',
    `this is another Miniflare than the edge needs, or its workerd is missing: ${INSTALL}`,
    { cause },
  )
}

function createMiniflare(
  { Miniflare, NoOpLog }: MiniflareModule,
  parts: EdgeParts,
  options: EdgeOptions,
  secret: string,
): Library.Miniflare {
  const listeners = signalListeners()
  try {
    return new Miniflare({
      // Only for the door: whoever else connects to it is refused.
      host: '127.0.0.1',
      port: 0,
      resourcePersistencePath: options.dataFolder,
      ...selfContained,
      log: new NoOpLog(),
      handleStructuredLogs: (entry: { readonly message: string }) => options.log(entry.message),
      // The port is open before the database is filled.
      workers: [
        {
          config: gatedWorkerConfig(
            parts,
            { AWAITED_MIGRATION: parts.database.seed.name, ...options.vars },
            secret,
          ),
        },
      ],
    })
  } catch (error) {
    // Another major version rejects these options, most likely the one that npm calls `latest`.
    throw otherMiniflare(error)
  } finally {
    // Miniflare would end the process on these signals before this program has finished; the caller closes it.
    for (const { signal, listener } of signalListeners()) {
      if (!listeners.some((known) => known.listener === listener)) process.off(signal, listener)
    }
  }
}

function signalListeners() {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  return signals.flatMap((signal) =>
    process.rawListeners(signal).map((listener) => ({ signal, listener: listener as () => void })),
  )
}
