/** `voltdrop import FILE`: checks every row of a file, then sends all of them to the edge's catalogue, batch by batch. */
import { resources } from '../../protocol/catalogue/vocabulary.ts'
import { VoltdropError } from '../../protocol/errors.ts'
import type { Secret } from '../../protocol/secret.ts'
import type { SourceFile } from '../../peer/files.ts'
import { FileDigest } from '../../peer/transfer/file-digest.ts'
import type { ImportCommand } from '../command-line/options/import-options.ts'
import type { Context } from '../context.ts'
import { openSource } from '../files/source-file.ts'
import { checkFile } from '../catalogue/import/check-file.ts'
import { readImportFile } from '../catalogue/import/import-file.ts'
import { isField } from '../catalogue/import/row-reader.ts'
import { batches, type Outcome, type Placed, type Target, upload } from '../catalogue/import/upload.ts'
import { needsProof, requireTokenProof } from '../edge/edge-proof.ts'
import { formatCount } from '../terminal/human-units.ts'
import { readToken } from '../edge/write-token.ts'
import { unlessStopped } from '../terminal/prompt.ts'
import { nodePrimitives } from '../primitives.ts'

const NO_PRODUCTS =
  'the file names no products: batteries that are new to the edge need --create-products, or a column product_sku'

const FILE_ALONE =
  'without a token the file alone was checked, not what the edge asks of rows that are new to it (a source_url, a product)'

/** Resolves when the edge has every row. The whole file is checked before the first row is sent. */
export async function importCatalogue(command: ImportCommand, context: Context): Promise<void> {
  for (const field of command.defaults.keys()) {
    if (!resources.some((resource) => isField(resource, field)))
      throw new VoltdropError('usage', `--set ${field}: there is no such field`)
  }
  const token = await unlessStopped(readToken(command), context.signal)
  if (token === undefined && !command.dryRun)
    throw new VoltdropError('not_possible_here', 'import needs a token: VOLTDROP_TOKEN or --token-file')
  if (token !== undefined) requirePrivateConnection(command.edge)
  const source = await openSource(command.path)
  try {
    const { resource, namesProducts, rows } = await checkFile(source, command, context)
    if (token === undefined) {
      context.terminal.report({ t: 'warning', text: FILE_ALONE })
      return
    }
    const { dryRun } = command
    const edge = await provenEdge(command, token, context.signal)
    const createProducts = resource === 'batteries' && command.createProducts
    if (resource === 'batteries' && !namesProducts && !createProducts)
      context.terminal.report({ t: 'warning', text: NO_PRODUCTS })
    await sendRows(source, rows, { edge, resource, token, dryRun, createProducts }, command, context)
  } finally {
    await source.close()
  }
}

/** The edge to which the token may be sent. */
async function provenEdge(command: ImportCommand, token: Secret, signal: AbortSignal): Promise<URL> {
  const { edge, insecureEdge } = command
  return needsProof(edge) && !insecureEdge ? requireTokenProof(edge, token, signal) : edge
}

/** Over plain HTTP anyone on the network path could read the token; on this machine there is no such path. */
function requirePrivateConnection(edge: URL): void {
  if (edge.protocol !== 'https:' && !needsProof(edge))
    throw new VoltdropError('usage', 'a token is sent over https only, or to an edge on this machine')
}

async function sendRows(
  source: SourceFile,
  rows: number,
  target: Target,
  command: ImportCommand,
  { terminal, signal }: Context,
): Promise<void> {
  const sent = new FileDigest(nodePrimitives)
  const file = await readImportFile(summed(source, sent), {
    ...command,
    wanted: target.resource,
    createProducts: target.createProducts,
    onProgress: () => {},
  })
  const startedMs = performance.now()
  const total = { rows: 0, created: 0, updated: 0, unchanged: 0, products_created: 0, revision: 0 }
  for await (const batch of batches(placed(file.rows))) {
    const outcome = await upload(target, batch, signal).catch((error) => {
      throw total.rows === 0 ? error : partly(error, total.rows)
    })
    if (!isOutcome(outcome)) {
      for (const fault of outcome) terminal.report({ t: 'fault', ...fault })
      throw new VoltdropError('bad_rows', `the edge refused ${span(batch)}; ${stored(total.rows)}`)
    }
    total.rows += batch.length
    total.created += outcome.created
    total.updated += outcome.updated
    total.unchanged += outcome.unchanged
    total.products_created += outcome.products_created
    total.revision = outcome.revision
    const seconds = (performance.now() - startedMs) / 1000
    terminal.report({
      t: 'import_progress',
      rows: total.rows,
      total: rows,
      rows_per_second: Math.round(total.rows / seconds),
    })
  }
  await source.verifyUnchanged(sent.sums())
  terminal.report({ t: 'imported', dry_run: target.dryRun, ...total })
}

/** `source`, which is read from its beginning to its end, with its bytes added to `digest`. */
function summed(source: SourceFile, digest: FileDigest): SourceFile {
  return {
    ...source,
    async read(offset, length) {
      const bytes = await source.read(offset, length)
      digest.update(bytes)
      return bytes
    },
  }
}

function isOutcome(outcome: Awaited<ReturnType<typeof upload>>): outcome is Outcome {
  return 'created' in outcome
}

function span(batch: readonly Placed[]): string {
  const [first, last] = [batch[0]?.line ?? 0, batch.at(-1)?.line ?? 0]
  return first === last ? `line ${first}` : `lines ${first} to ${last}`
}

/** What became of the rows of earlier batches. */
function stored(rows: number): string {
  return rows === 0 ? 'nothing was stored' : `${formatCount(rows, 'row')} before stay stored`
}

/** Rows of earlier batches stay in the catalogue: the error says how many. */
function partly(error: unknown, rows: number): unknown {
  if (!(error instanceof VoltdropError)) return error
  const detail = [error.detail, stored(rows)].filter((part) => part !== undefined).join('; ')
  return new VoltdropError(error.code, detail, { cause: error })
}

async function* placed(
  rows: AsyncIterable<Placed & { faults: readonly { remark: boolean }[] }>,
): AsyncGenerator<Placed> {
  for await (const { line, row, faults } of rows) {
    // The check before found none.
    if (faults.some(({ remark }) => !remark)) throw new VoltdropError('source_changed')
    yield { line, row }
  }
}
