/** Fetches a catalogue export into a file and verifies it: the bytes on disk must have the digest that the edge gives. */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { FileDigest, type FileSums } from '../../../peer/transfer/file-digest.ts'
import type { PartFile } from '../../../peer/files.ts'
import { exportName } from '../../../protocol/catalogue/export-name.ts'
import type { ExportDigest } from '../../../protocol/catalogue/vocabulary.ts'
import { VoltdropError } from '../../../protocol/errors.ts'
import type { ExportRequest } from '../../command-line/arguments.ts'
import { fieldsOf, manifestOf, readManifest, writeManifest } from './export-manifest.ts'
import { exportColumns } from './export-schema.ts'
import { CutShort, openExport, type OpenedExport, ProofOfRows, readDigest } from './export-stream.ts'
import { resolveOut } from '../../files/destination.ts'
import { createPartFile } from '../../files/part-file.ts'
import { openSource } from '../../files/source-file.ts'
import { nodePrimitives } from '../../primitives.ts'

/** Attempts, when the response is cut or the catalogue changes during an export. */
const MAX_TRIES = 4
/** Before the second attempt, doubled before each one after it: an edge that restarts takes a few seconds. */
const FIRST_PAUSE_MS = 250
/** How much of an existing file is read at once to hash it. */
const COMPARED_BLOCK_BYTES = 1024 * 1024

/** Length and digests are those of the file itself. */
export type ExportedFile = ExportDigest & { readonly path: string }

type Place = { readonly folder: string; readonly name: string }
type Addresses = { readonly body: URL; readonly digest: URL }

/**
 * Writes a file that is named for what is in it (`exportName`) into the folder that `out` names, or the file that it names, with its manifest beside it if
 * asked for. Nothing is overwritten; an existing file of that name is kept if it has the same bytes, because the same revision and
 * filter always give the same bytes. An export that is cut is fetched again from its beginning, up to MAX_TRIES times, and never left
 * incomplete; an edge that becomes unreachable on the way is given the same attempts to come back.
 * @throws VoltdropError those of the edge and of files; `corrupt` when the bytes do not have the digest that the edge gives.
 */
export async function fetchExport(
  edge: URL,
  wanted: ExportRequest,
  out: string | undefined,
  signal: AbortSignal,
  withManifest = false,
): Promise<ExportedFile> {
  const addresses = addressesOf(edge, wanted)
  let cut: CutShort | undefined
  for (let attempt = 1; ; attempt++) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one try after the other
      if (attempt > 1) await pauseBefore(attempt, signal)
      // oxlint-disable-next-line no-await-in-loop
      const opened = await openExport(addresses.body, signal)
      const { folder, saveAs } = await resolveOut(out)
      const place = { folder, name: saveAs ?? nameOf(wanted, opened.revision) }
      const file =
        (await alreadyThere(place, wanted, opened, addresses, signal)) ??
        (await download(opened, addresses, place, wanted, signal))
      if (withManifest) await addManifest(file, place, wanted)
      return file
    } catch (error) {
      if (error instanceof CutShort) cut = error
      else if (cut === undefined || !isUnreachable(error)) throw error
      if (attempt === MAX_TRIES) throw cut
    }
  }
}

function nameOf({ catalogue, format, filters }: ExportRequest, revision: number): string {
  return exportName({ resource: catalogue, revision, extension: format, parameters: filters })
}

function isUnreachable(error: unknown): boolean {
  return error instanceof VoltdropError && error.code === 'edge_unreachable'
}

async function pauseBefore(attempt: number, signal: AbortSignal): Promise<void> {
  try {
    await pause(FIRST_PAUSE_MS * 2 ** (attempt - 2), undefined, { signal })
  } catch (error) {
    throw new VoltdropError('cancelled', undefined, { cause: error })
  }
}

function addressesOf(edge: URL, { catalogue, filters, format }: ExportRequest): Addresses {
  const as = format === 'parquet' ? 'ndjson' : format
  const query = new URLSearchParams([...filters.map(([name, value]) => [name, value]), ['as', as]]).toString()
  return {
    body: new URL(`${catalogue}/export?${query}`, edge),
    digest: new URL(`${catalogue}/export/digest?${query}`, edge),
  }
}

async function download(
  opened: OpenedExport,
  addresses: Addresses,
  { folder, name }: Place,
  wanted: ExportRequest,
  signal: AbortSignal,
): Promise<ExportedFile> {
  let part: PartFile | undefined
  try {
    part = await createPartFile(folder, name, 0)
    const digest = await write(opened, part, addresses, wanted, signal)
    return { ...digest, path: await part.publish() }
  } catch (error) {
    await part?.discard()
    throw error
  } finally {
    opened.close()
  }
}

/** Writes the export into `part` and verifies it: NDJSON by its end record, other formats by the digest that the edge is asked for. */
async function write(
  opened: OpenedExport,
  part: PartFile,
  addresses: Addresses,
  wanted: ExportRequest,
  signal: AbortSignal,
): Promise<ExportDigest> {
  const { revision, pieces } = opened
  const sums = new FileDigest(nodePrimitives)
  if (wanted.format === 'parquet') return writeAsParquet(opened, part, wanted, sums)
  const proof = wanted.format === 'ndjson' ? new ProofOfRows() : undefined
  const begun = performance.now()
  for await (const bytes of pieces) {
    proof?.take(bytes)
    await part.write(sums.size, bytes)
    sums.update(bytes)
  }
  const written = sums.sums()
  if (proof !== undefined) return digestOf(written, revision, proof.end().rows)
  const digest = await readDigest(addresses.digest, performance.now() - begun, signal)
  if (digest.revision !== revision) throw new CutShort('edge_refused', 'the catalogue keeps changing')
  requireEqual(written, digest)
  return digestOf(written, revision, digest.rows)
}

async function writeAsParquet(
  { revision, pieces }: OpenedExport,
  part: PartFile,
  wanted: ExportRequest,
  sums: FileDigest,
): Promise<ExportDigest> {
  const { writeParquet } = await import('./export-parquet.ts')
  let rows = 0
  async function* counted(): AsyncGenerator<Record<string, unknown>> {
    for await (const row of provenRows(pieces)) {
      rows++
      yield row
    }
  }
  const facts = { 'voltdrop.resource': wanted.catalogue, 'voltdrop.revision': String(revision) }
  const columns = exportColumns(wanted.catalogue, fieldsOf(wanted))
  await writeParquet(part, columns, counted(), facts, (bytes) => sums.update(bytes))
  return digestOf(sums.sums(), revision, rows)
}

/** The rows of an NDJSON export. The iteration throws at its end unless all of them arrived unchanged. */
async function* provenRows(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Record<string, unknown>, void, undefined> {
  const proof = new ProofOfRows()
  for await (const bytes of pieces) {
    const lines = Buffer.from(proof.take(bytes)).toString()
    for (const line of lines.split('\n')) if (line !== '') yield JSON.parse(line) as Record<string, unknown>
  }
  proof.end()
}

function digestOf({ size, crc32, sha256 }: FileSums, revision: number, rows: number): ExportDigest {
  return {
    revision,
    rows,
    bytes: size,
    crc32,
    sha256,
  }
}

function requireEqual(sums: FileSums, digest: ExportDigest): void {
  if (sums.size !== digest.bytes || sums.crc32 !== digest.crc32 || sums.sha256 !== digest.sha256)
    throw new VoltdropError('corrupt', 'the export is not what the edge says')
}

/**
 * An existing file at the export's path, if its manifest or the edge gives the digest that it has; undefined if there is no file.
 * @throws VoltdropError `file_exists` for a file with other bytes.
 */
async function alreadyThere(
  { folder, name }: Place,
  wanted: ExportRequest,
  opened: OpenedExport,
  addresses: Addresses,
  signal: AbortSignal,
): Promise<ExportedFile | undefined> {
  const path = join(folder, name)
  const sums = await sumsOf(path)
  if (sums === undefined) return undefined
  opened.close()
  const said =
    (await readManifest(path, wanted, opened.revision)) ??
    (wanted.format === 'parquet' ? undefined : await readDigest(addresses.digest, 0, signal))
  if (said === undefined || said.bytes !== sums.size || said.sha256 !== sums.sha256)
    throw new VoltdropError('file_exists', path)
  return { ...said, path }
}

/** Undefined when there is no file to read. */
async function sumsOf(path: string): Promise<FileSums | undefined> {
  const file = await openSource(path).catch(() => undefined) // missing or not readable: then it is fetched
  if (file === undefined) return undefined
  try {
    const sums = new FileDigest(nodePrimitives)
    while (sums.size < file.size)
      sums.update(await file.read(sums.size, Math.min(COMPARED_BLOCK_BYTES, file.size - sums.size)))
    return sums.sums()
  } finally {
    await file.close()
  }
}

/** Writes the manifest, unless there is one that says the same. */
async function addManifest(
  file: ExportedFile,
  { folder, name }: Place,
  wanted: ExportRequest,
): Promise<void> {
  if ((await readManifest(file.path, wanted, file.revision))?.sha256 === file.sha256) return
  await writeManifest(manifestOf(file, name, wanted), folder, name)
}
