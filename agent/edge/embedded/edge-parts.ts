/** What the embedded edge is made of: the Worker and its configuration, as tools/bundle.ts leaves them in dist/edge/. */
import { VoltdropError } from '../../../protocol/errors.ts'
import { readBundledFile } from '../../files/bundled-files.ts'

/** The Worker's configuration as tools/bundle.ts takes it from wrangler.toml, in Miniflare's terms. */
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
export type Migration = { readonly name: string; readonly statements: readonly string[] }
export type EdgeDatabase = { readonly migrations: readonly Migration[]; readonly seed: Migration }

export type EdgeParts = {
  readonly config: EdgeConfig
  readonly database: EdgeDatabase
  readonly worker: string
}

/** @throws VoltdropError `internal` when the program runs from source and the bundle was not made. */
export async function loadEdgeParts(): Promise<EdgeParts> {
  try {
    const [config, database, worker] = await Promise.all([
      readBundledFile('edge/config.json'),
      readBundledFile('edge/database.json'),
      readBundledFile('edge/worker.js'),
    ])
    // The program's own build output, not input from outside: its shape is the bundler's responsibility.
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
