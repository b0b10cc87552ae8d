/** The measured edge: the Worker and its database as `voltdrop edge` runs them, filled with generated rows. */
import { createHash } from 'node:crypto'
import { mkdir, readFile, readdir, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { unstable_splitSqlQuery as splitSql } from 'wrangler'
import { type EdgeParts, loadEdgeParts } from '../../agent/edge/embedded/edge-parts.ts'
import { startEmbeddedEdge } from '../../agent/edge/embedded/embedded-edge.ts'
import { generatedRows } from './rows.ts'

const root = resolve(import.meta.dirname, '../..')
const cache = join(root, 'node_modules/.cache/bench-catalogue')

/** Statements of one transaction while the rows are loaded. */
const STATEMENTS_PER_STEP = 5

/** The write token of the measured edge. Not a secret: the edge listens on the loopback, only while it is measured. */
export const WRITE_TOKEN = 'bench-catalogue-write-token-0000000000000000'

export type PreparedEdge = {
  readonly folder: string
  /** Starts an edge, in its own process, on the prepared data or on a copy of it in `folder`. */
  start(folder?: string): Promise<MeasuredEdge>
}
export type MeasuredEdge = { readonly url: URL; readonly pid: number | undefined; close(): Promise<void> }

/** The Worker with the bare route beside it. */
async function bundleWorker(): Promise<string> {
  const result = await build({
    stdin: {
      contents: `import edge from './workers/index.ts'
        import { beside } from './bench/catalogue/beside.ts'
        export * from './workers/index.ts'
        export default beside(edge)`,
      resolveDir: root,
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    conditions: ['workerd', 'worker', 'browser'],
    target: 'es2024',
    external: ['cloudflare:*', 'node:*'],
    loader: { '.css': 'text', '.svg': 'text' },
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: 'warning',
  })
  const [file] = result.outputFiles
  if (file === undefined) throw new Error('the Worker was not bundled')
  return file.text
}

/**
 * The migrations, with the rows after the first one: an index over existing rows is built in a fraction of the time, and the later
 * migrations run on a full catalogue.
 */
async function migrations(rows: number): Promise<EdgeParts['database']> {
  const folder = join(root, 'drizzle/migrations')
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted()
  async function read(name: string) {
    return {
      name,
      statements: splitSql(await readFile(join(folder, name), 'utf8')),
    }
  }
  const [first, ...others] = await Promise.all(names.map(read))
  if (first === undefined) throw new Error('there are no migrations')
  const inserts = generatedRows(rows)
  const steps = Array.from({ length: Math.ceil(inserts.length / STATEMENTS_PER_STEP) }, (_, step) => ({
    name: `rows-${step}`,
    statements: inserts.slice(step * STATEMENTS_PER_STEP, (step + 1) * STATEMENTS_PER_STEP),
  }))
  return {
    migrations: [first, ...steps, ...others],
    // The planner's statistics, as a catalogue of this size has them.
    seed: { name: 'statistics', statements: ['PRAGMA optimize'] },
  }
}

/** A folder with the edge's data. It is kept for the same migrations and rows: a million take minutes. */
async function filledFolder(parts: EdgeParts, rows: number): Promise<string> {
  const key = createHash('sha256').update(JSON.stringify(parts.database)).digest('hex').slice(0, 16)
  const folder = join(cache, `${rows}-${key}`)
  const made = await readdir(folder).catch(() => undefined)
  if (made !== undefined) return folder
  // The data of other migrations: 1 GB each at a million rows.
  const old = (await readdir(cache).catch(() => [])).filter((name) => name.startsWith(`${rows}-`))
  for (const name of old) await rm(join(cache, name), { recursive: true })
  const unfinished = `${folder}.unfinished`
  await mkdir(unfinished, { recursive: true })
  await (await start(parts, unfinished)).close()
  await rename(unfinished, folder)
  return folder
}

function start(parts: EdgeParts, dataFolder: string) {
  return startEmbeddedEdge(parts, {
    host: '127.0.0.1',
    port: 0,
    dataFolder,
    log: (line) => console.error(line),
  })
}

/** Makes the data. */
export async function prepareEdge(rows: number): Promise<PreparedEdge> {
  const { config } = await loadEdgeParts()
  const vars = {
    ...config.vars,
    WRITE_TOKEN_SHA256: createHash('sha256').update(WRITE_TOKEN).digest('hex'),
  }
  const parts = {
    config: { ...config, vars },
    database: await migrations(rows),
    worker: await bundleWorker(),
  }
  const folder = await filledFolder(parts, rows)
  return {
    folder,
    async start(data = folder) {
      const before = new Set(await workerdProcesses())
      const edge = await start(parts, data)
      const pid = (await workerdProcesses()).find((process) => !before.has(process))
      return { url: edge.url, pid, close: edge.close }
    },
  }
}

/** The ids of this process's children that are workerd; none where there is no /proc. */
async function workerdProcesses(): Promise<number[]> {
  const threads = await readdir('/proc/self/task').catch(() => [])
  const children = await Promise.all(
    threads.map((thread) => readFile(`/proc/self/task/${thread}/children`, 'utf8').catch(() => '')),
  )
  const ids = children.flatMap((line) => line.split(' ')).filter((id) => id !== '')
  const names = await Promise.all(ids.map((id) => readFile(`/proc/${id}/comm`, 'utf8').catch(() => '')))
  return ids.filter((_, index) => names[index]?.startsWith('workerd')).map(Number)
}
