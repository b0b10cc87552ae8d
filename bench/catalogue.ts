/**
 * `npm run bench:catalogue [-- --quick] [--json]`: the speed of the catalogue at a million batteries. Real workerd, real D1, the built
 * program; rates are medians of rounds in turns, and pages whose times are compared take turns. `--quick` does less, in under a minute; `--json` prints one document.
 */
import { availableParallelism, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { prepareEdge } from './catalogue/edge.ts'
import { measureListsBesideDigests } from './catalogue/lists-beside-digests.ts'
import {
  type Effort,
  type Figure,
  measureDepth,
  measureExport,
  measureImport,
  measureThroughput,
} from './catalogue/measure.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    rows: { type: 'string' },
  },
})

const full = {
  rounds: 5,
  seconds: 3,
  requests: 200,
  blocks: 25,
  importRows: 100_000,
  farPage: 10_000,
  pageRows: 25,
} as const
const quick = {
  rounds: 3,
  seconds: 0.5,
  requests: 60,
  blocks: 3,
  importRows: 2_000,
  farPage: 200,
  pageRows: 25,
} as const

const rows = Number(values.rows ?? (values.quick ? 30_000 : 1_000_000))
const effort: Effort = values.quick ? quick : full

function note(text: string): void {
  return console.error(`${text} ...`)
}

async function measureAll(): Promise<Figure[]> {
  note(`a catalogue of ${rows.toLocaleString('en')} batteries`)
  const begin = performance.now()
  const prepared = await prepareEdge(rows)
  const seconds = Math.round((performance.now() - begin) / 1000)
  note(`ready after ${seconds} s; throughput and depth`)
  const edge = await prepared.start()
  const figures: Figure[] = []
  try {
    figures.push(...(await measureThroughput(edge, effort)), ...(await measureDepth(edge, effort)))
    note('lists beside digests')
    figures.push(...(await measureListsBesideDigests(edge, effort)))
  } finally {
    await edge.close()
  }
  note('exports')
  figures.push(...(await measureExport(prepared)))
  note('imports')
  figures.push(...(await measureImport(prepared, effort)))
  return figures
}

function holds({ ratio = Number.NaN, limit }: Figure): boolean | undefined {
  return limit === undefined || Number.isNaN(ratio)
    ? undefined
    : 'least' in limit
      ? ratio >= limit.least
      : ratio <= limit.most
}

const machine = {
  cores: availableParallelism(),
  memory_gib: Math.round(totalmem() / 2 ** 30),
  system: `${process.platform} ${process.arch}`,
  node: process.versions.node,
}

function row(figure: Figure): string {
  const { name, value, unit, ratio, ratioOf, limit } = figure
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  const shown = Number.isNaN(value) ? '-' : Number(value.toFixed(digits)).toLocaleString('en')
  const compared = ratio === undefined || Number.isNaN(ratio) ? '' : `${ratio.toFixed(2)}, ${ratioOf}`
  const wanted = limit === undefined ? '' : 'least' in limit ? `≥ ${limit.least}` : `≤ ${limit.most}`
  const verdict = { true: 'yes', false: '**no**', undefined: '' }[
    String(holds(figure)) as 'true' | 'false' | 'undefined'
  ]
  return `| ${name} | ${shown} ${unit} | ${compared} | ${wanted} | ${verdict} |`
}

const figures = await measureAll()
if (values.json) {
  const listed = figures.map((figure) => ({ ...figure, holds: holds(figure) ?? null }))
  console.log(
    JSON.stringify({ bench: 'catalogue', rows, quick: values.quick, machine, figures: listed }, undefined, 2),
  )
} else {
  console.log(
    `${rows.toLocaleString('en')} batteries; ${machine.cores} cores, ${machine.memory_gib} GiB, ${machine.system}, Node ${machine.node}\n`,
  )
  console.log('| what | figure | ratio | wanted | holds |\n|---|---|---|---|---|')
  for (const figure of figures) console.log(row(figure))
}
// The quick way is too short for verdicts.
process.exitCode = !values.quick && figures.some((figure) => holds(figure) === false) ? 1 : 0
