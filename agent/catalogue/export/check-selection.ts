/** Checks an export before anything else is done for it: its filters here, and at the edge whether they leave any row. */
import * as z from 'zod/mini'
import { filterOptions } from '../../../protocol/catalogue/filters.ts'
import { VoltdropError } from '../../../protocol/errors.ts'
import type { ExportRequest } from '../../command-line/arguments.ts'
import { usage } from '../../command-line/option-values.ts'
import type { Context } from '../../context.ts'
import { readJson } from '../../edge/edge-answer.ts'
import { request } from '../../edge/edge-client.ts'

const page = z.object({ items: z.array(z.unknown()) })

/** What is said of a selection without rows; the file is made all the same. */
export function noRows({ catalogue }: ExportRequest): string {
  return `no row of the ${catalogue} matches: the file has none`
}

/**
 * Reports a selection without rows as a warning, before a code is shown for it.
 * @throws VoltdropError `usage` for a filter that the edge would refuse, before the edge is asked; those of a request.
 */
export async function checkSelection(
  edge: URL,
  wanted: ExportRequest,
  { terminal, signal }: Context,
): Promise<void> {
  await checkFilters(wanted)
  const first = new URLSearchParams(wanted.filters.map(([name, value]) => [name, value]))
  first.set('limit', '1')
  first.set('fields', 'id')
  const url = new URL(`${wanted.catalogue}?${first.toString()}`, edge)
  const read = z.safeParse(page, await readJson(await request(url, { signal }), { url, signal }))
  if (!read.success) throw new VoltdropError('not_an_edge', `${edge.origin} lists no ${wanted.catalogue}`)
  if (read.data.items.length === 0) terminal.report({ t: 'warning', text: noRows(wanted) })
}

/**
 * By the shapes of the edge's own parameters. They take a moment to load, so not with the command line.
 * @throws VoltdropError `usage` for a filter that the edge would refuse.
 */
export async function checkFilters({ catalogue, filters }: ExportRequest): Promise<void> {
  const { BatteryExportQuery, ProductExportQuery } = await import('../../../protocol/catalogue/query.ts')
  const shape = catalogue === 'batteries' ? BatteryExportQuery : ProductExportQuery
  const checked = shape.safeParse(Object.fromEntries(filters))
  const [issue] = checked.error?.issues ?? []
  if (issue === undefined) return
  if (issue.code === 'unrecognized_keys')
    throw usage(`--filter ${issue.keys[0] ?? ''}: the ${catalogue} have no such filter`)
  const name = String(issue.path[0] ?? '')
  const value = new Map(filters).get(name) ?? ''
  throw usage(`${optionOf(name, value)}: ${issue.message}`)
}

/** The filter as it would be typed. */
function optionOf(name: string, value: string): string {
  const option = Object.entries(filterOptions).find(([filter]) => filter === name)?.[1]
  return option === undefined ? `--filter ${name}=${value}` : `--${option} ${value}`
}
