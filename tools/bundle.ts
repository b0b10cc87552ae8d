/**
 * Builds what is published, into dist/: cli.js with its lazily loaded chunks, its man page, edge/ for the embedded edge (the Worker,
 * its configuration from wrangler.toml, migrations and seed as single statements) and the licences of everything bundled.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile, readdir, rename, rm, writeFile, chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type BuildOptions, type Metafile, build } from 'esbuild'
import { unstable_readConfig as readConfig, unstable_splitSqlQuery as splitSql } from 'wrangler'
import type { EdgeConfig, EdgeDatabase } from '../agent/edge/embedded/edge-parts.ts'
import { thirdPartyNotices } from './licences/third-party-notices.ts'
import { manPage } from './man-page.ts'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')
/** Built beside dist/ and moved into its place when complete: a build that fails leaves the last good one. */
const fresh = join(root, `node_modules/.cache/dist-${process.pid}`)

const common = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  charset: 'utf8',
  legalComments: 'none',
  minifySyntax: true,
  minifyWhitespace: true,
  metafile: true,
  logLevel: 'warning',
} as const satisfies BuildOptions

/** The program. `splitting` puts every `import()` into a chunk of its own, so that `voltdrop --version` loads next to nothing. */
async function bundleProgram(): Promise<Metafile> {
  const { metafile } = await build({
    ...common,
    entryPoints: { cli: 'agent/cli.ts' },
    outdir: fresh,
    chunkNames: '[name]-[hash]',
    splitting: true,
    platform: 'node',
    target: 'node22',
    external: ['miniflare'],
    // CommonJS packages inside the bundle require Node's own modules.
    banner: {
      js: "import { createRequire as nodeRequire } from 'node:module'; const require = nodeRequire(import.meta.url);",
    },
  })
  return metafile
}

async function bundleWorker(entry: string): Promise<Metafile> {
  const { metafile } = await build({
    ...common,
    entryPoints: { worker: entry },
    outdir: join(fresh, 'edge'),
    platform: 'browser',
    conditions: ['workerd', 'worker', 'browser'],
    target: 'es2024',
    external: ['cloudflare:*', 'node:*'],
  })
  return metafile
}

/** The part of wrangler.toml that is used; wrangler's own type needs packages that are not installed. */
type WorkerSettings = {
  readonly name?: string
  readonly main?: string
  readonly compatibility_date?: string
  readonly d1_databases: readonly { binding: string; database_id?: string; migrations_dir?: string }[]
  readonly durable_objects: { readonly bindings: readonly { name: string; class_name: string }[] }
  readonly ratelimits: readonly {
    name: string
    namespace_id: string
    simple: { limit: number; period: 10 | 60 }
  }[]
  readonly vars: Readonly<Record<string, unknown>>
}

function edgeConfig(settings: WorkerSettings): EdgeConfig {
  const [database] = settings.d1_databases
  if (database === undefined || settings.compatibility_date === undefined)
    throw new TypeError('wrangler.toml is not complete')
  return {
    name: settings.name ?? 'voltdrop',
    compatibilityDate: settings.compatibility_date,
    // As wrangler names its local database, so that `wrangler dev --persist-to` finds the same one.
    database: { binding: database.binding, id: database.database_id ?? database.binding },
    durableObjects: settings.durable_objects.bindings.map(({ name, class_name }) => ({
      binding: name,
      className: class_name,
    })),
    rateLimits: settings.ratelimits.map(({ name, namespace_id, simple }) => ({
      binding: name,
      namespace: namespace_id,
      simple: { limit: simple.limit, period: simple.period },
    })),
    vars: Object.fromEntries(Object.entries(settings.vars).map(([name, value]) => [name, String(value)])),
  }
}

async function edgeDatabase(migrationsFolder: string): Promise<EdgeDatabase> {
  const folder = join(root, migrationsFolder)
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted()
  async function statements(path: string): Promise<string[]> {
    return splitSql(await readFile(path, 'utf8'))
  }
  const migrations = await Promise.all(
    names.map(async (name) => ({ name, statements: await statements(join(folder, name)) })),
  )
  const print = join(root, 'drizzle/seed/print.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [print], { maxBuffer: 2 ** 24 })
  // Named by its content: a later release adds its own rows, and the same seed never runs twice.
  const name = `seed-${createHash('sha256').update(stdout).digest('hex').slice(0, 8)}.sql`
  return { migrations, seed: { name, statements: splitSql(stdout) } }
}

async function bundleAll(): Promise<void> {
  const settings = readConfig({ config: join(root, 'wrangler.toml') }) as WorkerSettings
  const [program, worker, database] = await Promise.all([
    bundleProgram(),
    bundleWorker(settings.main ?? 'workers/index.ts'),
    edgeDatabase(settings.d1_databases[0]?.migrations_dir ?? 'migrations'),
  ])
  await Promise.all([
    chmod(join(fresh, 'cli.js'), 0o755),
    writeFile(join(fresh, 'voltdrop.1'), manPage()),
    writeFile(join(fresh, 'edge/config.json'), JSON.stringify(edgeConfig(settings))),
    writeFile(join(fresh, 'edge/database.json'), JSON.stringify(database)),
    writeFile(join(fresh, 'THIRD-PARTY-NOTICES.txt'), await thirdPartyNotices(root, [program, worker])),
  ])
}

try {
  await bundleAll()
  await rm(dist, { recursive: true, force: true })
  await rename(fresh, dist)
} finally {
  await rm(fresh, { recursive: true, force: true })
}
