/** The measurements of the catalogue: each takes a running edge and gives figures. */
import { createReadStream, createWriteStream } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { once } from 'node:events'
import { runAgent } from './agent.ts'
import type { MeasuredEdge, PreparedEdge } from './edge.ts'
import { answerTimes, median, quantile, requestsPerSecond } from './load.ts'
import { followMemory, type MemoryUse } from './memory.ts'

export type Figure = {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** Compared with what, how, and what it must be. */
  readonly ratio?: number
  readonly ratioOf?: string
  readonly limit?: { readonly least: number } | { readonly most: number }
}

/** How much is measured: a quick run shows that everything works, a full one gives the published figures. */
export type Effort = {
  readonly rounds: number
  readonly seconds: number
  /** Requests of each page in a block, and blocks. */
  readonly requests: number
  readonly blocks: number
  readonly importRows: number
  /** The page whose speed is compared with the first one's, and its size. */
  readonly farPage: number
  readonly pageRows: number
}

const CONNECTIONS = 8

/** The address, and whether the edge's own memory of lists is bypassed. */
const asked = {
  constant: { path: 'beside/constant', fresh: false },
  query: { path: 'beside/query', fresh: false },
  repeated: { path: 'batteries', fresh: false },
  fresh: { path: 'batteries', fresh: true },
} as const

/** Pages per second, in turns with a bare Hono route that answers the same rows as a constant, and one that queries them each time. */
export async function measureThroughput({ url }: MeasuredEdge, effort: Effort): Promise<Figure[]> {
  const rates = {
    constant: [] as number[],
    query: [] as number[],
    repeated: [] as number[],
    fresh: [] as number[],
  }
  for (let round = 0; round < effort.rounds; round++) {
    for (const name of ['constant', 'query', 'repeated', 'fresh'] as const) {
      const { path, fresh } = asked[name]
      // oxlint-disable-next-line no-await-in-loop -- in turns, so that what else the machine does meets them alike
      rates[name].push(await requestsPerSecond(new URL(path, url), CONNECTIONS, effort.seconds, fresh))
    }
  }
  const unit = 'requests/s'
  function rate(name: string, value: number): Figure {
    return { name, value, unit }
  }
  const [constant, query] = [median(rates.constant), median(rates.query)]
  const [repeated, fresh] = [median(rates.repeated), median(rates.fresh)]
  const least = { least: 0.5 }
  return [
    rate('bare Hono route, 25 batteries as a constant', constant),
    rate('bare Hono route, 25 batteries from D1', query),
    {
      ...rate('page of 25 batteries, as many readers ask for it', repeated),
      ratio: repeated / constant,
      ratioOf: 'by the constant',
      limit: least,
    },
    {
      ...rate('page of 25 batteries, from D1 each time', fresh),
      ratio: fresh / query,
      ratioOf: 'by the bare query',
      limit: least,
    },
  ]
}

const listings = {
  'by id': '',
  'one chemistry, by capacity': 'chemistry=NMC&sort=nominal_capacity_mah',
  'by specific energy, highest first': 'sort=specific_energy_mwh_per_kg&order=desc',
} as const

type Page = { readonly next: string | null }

/** The address of page `number` of a list, found as a client does, from cursor to cursor. */
async function farPage(url: URL, query: string, number: number, pageRows: number): Promise<URL> {
  let left = (number - 1) * pageRows
  let cursor: string | null = null
  while (left > 0) {
    const limit = Math.min(100, left)
    const page: Page = await readJson(address(url, query, limit, cursor, true))
    if (page.next === null) throw new Error(`the listing ${query} has no page ${number}`)
    cursor = page.next
    left -= limit
  }
  return address(url, query, pageRows, cursor)
}

function address(url: URL, query: string, limit: number, cursor: string | null, idsOnly = false): URL {
  const parameters = new URLSearchParams(query)
  parameters.set('limit', String(limit))
  if (cursor !== null) parameters.set('cursor', cursor)
  if (idsOnly) parameters.set('fields', 'id')
  return new URL(`batteries?${parameters.toString()}`, url)
}

async function readJson<T>(url: URL): Promise<T> {
  const response = await fetch(url)
  if (!response.ok)
    throw new Error(`${url.pathname}${url.search}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}

/** p50 and p99 of the first and of a far page, and the rows that the database reads for each. */
export async function measureDepth({ url }: MeasuredEdge, effort: Effort): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const [name, query] of Object.entries(listings)) {
    // oxlint-disable no-await-in-loop -- one measurement after the other
    const near = address(url, query, effort.pageRows, null)
    const far = await farPage(url, query, effort.farPage, effort.pageRows)
    figures.push(...(await compareTimes(name, near, far, effort)))
    figures.push(await rowsRead(`${name}: rows read for page 1`, near, effort))
    figures.push(await rowsRead(`${name}: rows read for page ${farName(effort)}`, far, effort))
  }
  return figures
}

function farName({ farPage: number }: Effort): string {
  return number.toLocaleString('en')
}

/** Medians over blocks of requests: a burst of other load on the machine spoils the p99 of some blocks, not of most. */
async function compareTimes(name: string, near: URL, far: URL, effort: Effort): Promise<Figure[]> {
  const blocks: (readonly number[])[][] = []
  for (let block = 0; block < effort.blocks; block++)
    blocks.push(await answerTimes([near, far], effort.requests))
  return (['p50', 'p99'] as const).flatMap((label): Figure[] => {
    const share = label === 'p50' ? 0.5 : 0.99
    function over(page: 0 | 1): number {
      return median(blocks.map((times) => quantile(times[page] ?? [], share)))
    }
    const [one, other] = [over(0), over(1)]
    return [
      { name: `${name}: page 1, ${label}`, value: one, unit: 'ms' },
      {
        name: `${name}: page ${farName(effort)}, ${label}`,
        value: other,
        unit: 'ms',
        ratio: other / one,
        ratioOf: 'by page 1',
        limit: { most: 1.2 },
      },
    ]
  })
}

async function rowsRead(name: string, page: URL, { pageRows }: Effort): Promise<Figure> {
  const counted = new URL(`/beside/rows-read${page.pathname}${page.search}`, page)
  // One more row is read for the revision.
  const rows = (await readJson<{ rows: number }>(counted)).rows - 1
  const ratio = rows / (pageRows + 1)
  return { name, value: rows, unit: 'rows', ratio, ratioOf: 'by page size + 1', limit: { most: 1 } }
}

/** Exports of all rows by the agent: rows per second, and memory, which must not grow with the number of rows. */
export async function measureExport(prepared: PreparedEdge): Promise<Figure[]> {
  const figures: Figure[] = []
  const folder = await mkdtemp(join(tmpdir(), 'voltdrop-bench-'))
  try {
    for (const format of ['ndjson', 'csv', 'parquet']) {
      // oxlint-disable no-await-in-loop -- one measurement after the other, each on a fresh process
      const { rows, seconds, worker, agent } = await exported(prepared, folder, format)
      figures.push(
        {
          name: `export of ${rows.toLocaleString('en')} rows, ${format}`,
          value: rows / seconds,
          unit: 'rows/s',
        },
        flat(`${format}: peak memory of workerd (Worker and database)`, worker, rows),
        flat(`${format}: peak memory of the agent`, agent, rows),
      )
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return figures
}

/** Below this a process has not reached its working size. */
const ENOUGH_ROWS = 500_000

function flat(name: string, { peakMiB, growth }: MemoryUse, rows: number): Figure {
  return {
    name,
    value: peakMiB,
    unit: 'MiB',
    ratio: growth,
    ratioOf: 'second half by first',
    ...(rows < ENOUGH_ROWS ? {} : { limit: { most: 1.2 } }),
  }
}

async function exported(prepared: PreparedEdge, folder: string, format: string) {
  const edge = await prepared.start()
  try {
    const following = followMemory(edge.pid)
    const out = await mkdtemp(join(folder, 'export-'))
    const args = ['export', 'batteries', '--format', format, '--out', out, '--edge', edge.url.origin]
    const { seconds, memory, events } = await runAgent(args)
    const worker = following.stop()
    await rm(out, { recursive: true })
    const rows = Number(events.find(({ t }) => t === 'exported')?.['rows'])
    return { seconds, agent: memory, worker, rows }
  } finally {
    await edge.close()
  }
}

/** An import of rows that are new to the catalogue, and the same once more. It works on a copy of the data. */
export async function measureImport(prepared: PreparedEdge, effort: Effort): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'voltdrop-bench-'))
  const data = join(folder, 'data')
  await cp(prepared.folder, data, { recursive: true })
  const edge = await prepared.start(data)
  try {
    const file = join(folder, 'rows.ndjson')
    const source = join(folder, 'source.ndjson')
    const some = ['--filter', 'chemistry=NCA', '--out', source, '--edge', edge.url.origin]
    await runAgent(['export', 'batteries', '--format', 'ndjson', ...some])
    const rows = await renamedRows(source, file, effort.importRows)
    const args = ['import', file, '--create-products', '--edge', edge.url.origin]
    const fresh = await runAgent(args)
    const again = await runAgent(args)
    const result = fresh.events.find(({ t }) => t === 'imported')
    if (result?.['created'] !== rows)
      throw new Error(`${String(result?.['created'])} of ${rows} rows were created`)
    const name = `import of ${rows.toLocaleString('en')} rows`
    return [
      { name: `${name}, all new, with their products`, value: rows / fresh.seconds, unit: 'rows/s' },
      { name: `${name}, all there already`, value: rows / again.seconds, unit: 'rows/s' },
      { name: `${name}: peak memory of the agent`, value: fresh.memory.peakMiB, unit: 'MiB' },
    ]
  } finally {
    await edge.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** The first `count` rows of an export, with a manufacturer that the catalogue does not have. */
async function renamedRows(from: string, to: string, count: number): Promise<number> {
  const output = createWriteStream(to)
  let rows = 0
  for await (const line of createInterface({ input: createReadStream(from) })) {
    if (rows === count || line.startsWith('{"end":')) break
    const { id: _id, product_id: _product, ...row } = JSON.parse(line) as Record<string, unknown>
    if (!output.write(`${JSON.stringify({ ...row, manufacturer: 'Imported Cells' })}\n`))
      await once(output, 'drain')
    rows++
  }
  output.end()
  await once(output, 'close')
  return rows
}
