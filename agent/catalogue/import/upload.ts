/** Brings rows to the edge, a batch at a time: all of a batch or nothing. A batch may be sent again, for rows are known by their keys. */
import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod/mini'
import type { Resource } from '../../../protocol/catalogue/vocabulary.ts'
import { MAX_IMPORT_BYTES, MAX_IMPORT_ROWS } from '../../../protocol/catalogue/import-rows.ts'
import { VoltdropError } from '../../../protocol/errors.ts'
import type { Secret } from '../../../protocol/secret.ts'
import { ask, readText, refusal } from '../../edge/edge-client.ts'
import type { CatalogueRow } from '../../../protocol/catalogue/column-facts.ts'
import type { FileFault } from './row-reader.ts'

/** A thousand rows take the edge well under a second; a busy one is given time. */
const ANSWER_MS = 60_000
/** How often a batch is sent when the edge is busy or the catalogue changes under it. */
const MAX_TRIES = 4
const FIRST_PAUSE_MS = 500
/** `{"rows":[]}` and the commas. */
const ENVELOPE_BYTES = 16

export type Placed = { readonly line: number; readonly row: CatalogueRow }

export type Target = {
  readonly edge: URL
  readonly resource: Resource
  readonly token: Secret
  readonly dryRun: boolean
  readonly createProducts: boolean
}

const count = z.int().check(z.nonnegative())
const resultBody = z.object({ revision: count, created: count, updated: count, unchanged: count })
export type Outcome = z.infer<typeof resultBody>

const problemBody = z.object({
  errors: z.array(z.object({ detail: z.string(), pointer: z.optional(z.string()) })),
})

/** The rows in batches that the edge takes: as many as fit in its limits of rows and bytes. */
export async function* batches(rows: AsyncIterable<Placed>): AsyncGenerator<Placed[], void, undefined> {
  let batch: Placed[] = []
  let bytes = ENVELOPE_BYTES
  for await (const placed of rows) {
    const size = Buffer.byteLength(JSON.stringify(placed.row)) + 1
    if (batch.length === MAX_IMPORT_ROWS || bytes + size > MAX_IMPORT_BYTES) {
      yield batch
      batch = []
      bytes = ENVELOPE_BYTES
    }
    batch.push(placed)
    bytes += size
  }
  if (batch.length > 0) yield batch
}

/**
 * One batch. @returns what became of it, or the faults that the edge found: then nothing of it was taken.
 * @throws VoltdropError `edge_refused`, `edge_unreachable`, `rate_limited`, `cancelled`.
 */
export async function upload(
  target: Target,
  batch: readonly Placed[],
  signal: AbortSignal,
): Promise<Outcome | readonly FileFault[]> {
  const url = new URL(`${target.resource}/import`, target.edge)
  if (target.dryRun) url.searchParams.set('dry_run', 'true')
  if (target.createProducts) url.searchParams.set('create_products', 'true')
  const options = {
    method: 'POST',
    headers: { authorization: `Bearer ${target.token.reveal()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ rows: batch.map(({ row }) => row) }),
    answerMs: ANSWER_MS,
    signal,
  } as const
  for (let attempt = 1; ; attempt++) {
    const response = await answer(url, options, attempt)
    if (response === undefined) continue
    if (response.ok) return readOutcome(response)
    const text = await readText(response)
    const faults = faultsIn(text, batch)
    if (faults.length > 0) return faults
    throw await refusal(new Response(text, response))
  }
}

/** The answer to one try; undefined after a pause when it should be tried again. */
async function answer(
  url: URL,
  options: Parameters<typeof ask>[1],
  attempt: number,
): Promise<Response | undefined> {
  async function again(): Promise<undefined> {
    // Not all clients at the same moment.
    const ms = FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random())
    await pause(ms, undefined, { signal: options.signal }).catch((error) => {
      throw new VoltdropError('cancelled', undefined, { cause: error })
    })
  }
  try {
    const response = await ask(url, options)
    const busy = response.status === 429 || response.status >= 500
    if (!busy || attempt === MAX_TRIES || hopeless(response)) return response
    await response.body?.cancel()
    return await again()
  } catch (error) {
    // Whether the batch was taken is not known; taken twice it is the same.
    if (!(error instanceof VoltdropError) || error.code !== 'edge_unreachable' || attempt === MAX_TRIES)
      throw error
    return again()
  }
}

/** A refusal that stays one: an edge without a token (503) names no time to try again. */
function hopeless(response: Response): boolean {
  return response.status !== 429 && response.headers.get('retry-after') === null
}

async function readOutcome(response: Response): Promise<Outcome> {
  const body: unknown = await response.json().catch(() => undefined)
  const checked = z.safeParse(resultBody, body)
  if (!checked.success) throw new VoltdropError('edge_refused', 'it does not tell what it did with the rows')
  return checked.data
}

/** The faults of a problem document that point at rows of this batch, as places of the file. */
function faultsIn(text: string, batch: readonly Placed[]): FileFault[] {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return [] // no problem document: the status says what there is to say
  }
  const problem = z.safeParse(problemBody, body)
  if (!problem.success) return []
  return problem.data.errors.flatMap(({ detail, pointer = '' }): FileFault[] => {
    const [, index, field] = /^\/rows\/(\d{1,4})(?:\/([^/]*))?/.exec(pointer) ?? []
    const line = batch[Number(index ?? -1)]?.line
    return line === undefined ? [] : [{ line, column: field, text: detail, remark: false }]
  })
}
