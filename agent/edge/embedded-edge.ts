/**
 * The whole edge inside this process: the bundled Worker in workerd, its D1 database and Durable Objects, with the data in a folder.
 * The only importer of Miniflare, which is loaded when the edge is started and may be absent.
 */
import type * as Library from 'miniflare'
import { VoltdropError } from '../../protocol/errors.ts'
import { createPrivateFolder } from '../files/private-folder.ts'
import type { EdgeParts } from './edge-parts.ts'
import { migrate } from './migrate-database.ts'
import { selfContained, workerConfig } from './worker-config.ts'

export type EdgeOptions = {
  readonly host: string
  /** 0: a free port. */
  readonly port: number
  readonly dataFolder: string
  /** Override those of wrangler.toml; secrets are among them. */
  readonly vars?: Readonly<Record<string, string>>
  /** Takes what the Worker writes to its log, one line at a time. */
  readonly log: (line: string) => void
}

export type EmbeddedEdge = { readonly url: URL; readonly close: () => Promise<void> }

/** The version this edge was tested with; npm's `latest` is an older major with another interface. */
const MINIFLARE_VERSION = '5.20261023.2-beta'

/** Puts it where this program finds it: beside a program that is installed the same way. */
const INSTALL = `npm install --global voltdrop miniflare@${MINIFLARE_VERSION}`

/**
 * Starts the edge, brings its database up to date and seeds an empty one. Resolves when requests are answered.
 * @throws VoltdropError `not_possible_here` when Miniflare is not installed or the port is taken; `not_writable` for the folder.
 */
export async function startEmbeddedEdge(parts: EdgeParts, options: EdgeOptions): Promise<EmbeddedEdge> {
  const library = await loadMiniflare()
  await createPrivateFolder(options.dataFolder)
  const listeners = signalListeners()
  const miniflare = createMiniflare(library, parts, options)
  // Miniflare would end the process on these signals before this program has finished; the caller closes it.
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
      // Why it did not start is reported, not why it did not stop.
    })
    throw startFailure(error, options)
  }
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

function createMiniflare({ Miniflare, NoOpLog }: MiniflareModule, parts: EdgeParts, options: EdgeOptions) {
  try {
    return new Miniflare(miniflareOptions(new NoOpLog(), parts, options))
  } catch (error) {
    // Another major version rejects these options, most likely the one that npm calls `latest`.
    throw new VoltdropError(
      'not_possible_here',
      `this is another Miniflare than the edge needs: ${INSTALL}`,
      {
        cause: error,
      },
    )
  }
}

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
    // The port is open before the database is filled.
    workers: [
      { config: workerConfig(parts, { AWAITED_MIGRATION: parts.database.seed.name, ...options.vars }) },
    ],
  }
}

function signalListeners() {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  return signals.flatMap((signal) =>
    process.rawListeners(signal).map((listener) => ({ signal, listener: listener as () => void })),
  )
}

function startFailure(error: unknown, options: EdgeOptions): unknown {
  if (error instanceof VoltdropError) return error
  // Miniflare has no error code for this: only workerd's message tells.
  if (!/EADDRINUSE|address already in use/i.test(String(error))) return error
  return new VoltdropError('not_possible_here', `port ${options.port} is taken: choose another with --port`, {
    cause: error,
  })
}
