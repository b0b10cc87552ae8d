/** Sends rows to the edge in batches; each is imported whole or not at all. A batch can be sent again, since rows have natural keys. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Response } from 'undici'
import * as z from 'zod/mini'
import type { Resource } from '../../../protocol/catalogue/vocabulary.ts'
import { MAX_IMPORT_BYTES, MAX_IMPORT_ROWS } from '../../../protocol/catalogue/import-rows.ts'
import { VoltdropError } from '../../../protocol/errors.ts'
import type { Secret } from '../../../protocol/secret.ts'
import { readJson, readProblem, refusalOf } from '../../edge/edge-answer.ts'
import { ask, type RequestOptions } from '../../edge/edge-client.ts'
import type { CatalogueRow } from '../../../protocol/catalogue/column-facts.ts'
import type { FileFault } from './row-reader.ts'

/** A thousand rows take the edge well under a second; a busy edge is given more time. */
const BATCH_ANSWER_MS = 60_000
/** Attempts for a batch, when the edge is busy or the catalogue changes at the same time. */
const MAX_TRIES = 4
const FIRST_PAUSE_MS = 500
/** `{"rows":[]}` with a margin. The comma after a row is counted with the row. */
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
const resultBody = z.object({
  revision: count,
  created: count,
  updated: count,
  unchanged: count,
  products_created: count,
})
export type Outcome = z.infer<typeof resultBody>

const problemBody = z.object({
  errors: z.array(z.object({ detail: z.string(), pointer: z.optional(z.string()) })),
})

/** The rows in batches, each as large as the edge's limits of rows and bytes allow. */
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
 * Sends one batch. @returns its outcome, or the faults that the edge found, in which case nothing of it was imported.
 * @throws VoltdropError those of `ask`, `edge_refused`, `rate_limited`.
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
    answerMs: BATCH_ANSWER_MS,
    signal,
  } as const
  for (let attempt = 1; ; attempt++) {
    const response = await answer(url, options, attempt)
    if (response === undefined) continue
    const asked = { url, signal }
    if (response.ok) return outcomeOf(await readJson(response, asked))
    const problem = await readProblem(response, asked)
    const faults = faultsIn(problem, batch)
    if (faults.length > 0) return faults
    throw refusalOf(response, problem, url)
  }
}

/** The response to one attempt; undefined, after a pause, when it should be tried again. */
async function answer(url: URL, options: RequestOptions, attempt: number): Promise<Response | undefined> {
  async function again(): Promise<undefined> {
    // Jitter, so that clients do not all return at the same moment.
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
    // Whether the batch was taken is not known; taken twice, the result is the same.
    if (!(error instanceof VoltdropError) || error.code !== 'edge_unreachable' || attempt === MAX_TRIES)
      throw error
    return again()
  }
}

/** A refusal that will not change: an edge without a token (503) gives no time to try again. */
function hopeless(response: Response): boolean {
  return response.status !== 429 && response.headers.get('retry-after') === null
}

function outcomeOf(body: unknown): Outcome {
  const checked = z.safeParse(resultBody, body)
  if (!checked.success) throw new VoltdropError('edge_refused', 'it does not tell what it did with the rows')
  return checked.data
}

/** The faults of a problem document that point at rows of this batch, with their lines in the file. */
function faultsIn(document: unknown, batch: readonly Placed[]): FileFault[] {
  const problem = z.safeParse(problemBody, document)
  if (!problem.success) return []
  // No more than one a row is printed, whatever the edge sends.
  return problem.data.errors.slice(0, MAX_IMPORT_ROWS).flatMap(({ detail, pointer = '' }): FileFault[] => {
    const [, index, field] = /^\/rows\/(\d{1,4})(?:\/([^/]*))?/.exec(pointer) ?? []
    const line = batch[Number(index ?? -1)]?.line
    return line === undefined ? [] : [{ line, column: field, text: detail, remark: false }]
  })
}
