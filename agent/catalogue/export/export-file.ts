/** Fetches a catalogue export into a file, whose bytes must have the digest that the edge gives beforehand. */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { FileDigest, type FileSums } from '../../../peer/transfer/file-digest.ts'
import type { PartFile, SourceFile } from '../../../peer/files.ts'
import { exportName } from '../../../protocol/catalogue/export-name.ts'
import type { ExportDigest, ExportFormat } from '../../../protocol/catalogue/vocabulary.ts'
import { asVoltdropError, VoltdropError } from '../../../protocol/errors.ts'
import type { ExportRequest } from '../../command-line/arguments.ts'
import { fieldsOf, manifestOf, readManifest, writeManifest } from './export-manifest.ts'
import { exportColumns } from './export-schema.ts'
import { CutShort, hasDigest, ProofOfRows, readDigest, readExport } from './export-stream.ts'
import { resolveOut } from '../../files/received/destination.ts'
import { createPartFile } from '../../files/received/part-file.ts'
import { openOwnFile } from '../../files/source-file.ts'
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

/** What is asked of the edge: rows as `as`, from `body`, with the digest at `digest`. */
type Asking = { readonly as: ExportFormat; readonly body: URL; readonly digest: URL }

/**
 * Writes a file that is named for what is in it (`exportName`) into the folder that `out` names, or the file that it names, with its
 * manifest beside it if asked for. Nothing is overwritten; an existing file of that name is kept if it has the same bytes, because the
 * same revision and filter always give the same bytes. An export that is cut is fetched again from its beginning, up to MAX_TRIES
 * times, and never left incomplete; an edge that becomes unreachable on the way is given the same attempts to come back.
 * @throws VoltdropError those of the edge and of files; `corrupt` when the bytes do not have the digest that the edge gives.
 */
export async function fetchExport(
  edge: URL,
  wanted: ExportRequest,
  out: string | undefined,
  signal: AbortSignal,
  withManifest = false,
): Promise<ExportedFile> {
  const asking = askingFor(edge, wanted)
  let cut: CutShort | undefined
  for (let attempt = 1; ; attempt++) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one try after the other
      if (attempt > 1) await pauseBefore(attempt, signal)
      // oxlint-disable-next-line no-await-in-loop
      const digest = await readDigest(asking.digest, signal)
      const { folder, saveAs } = await resolveOut(out)
      const place = { folder, name: saveAs ?? nameOf(wanted, digest.revision) }
      const file =
        (await alreadyThere(place, wanted, asking, digest, signal)) ??
        (await download(readExport(asking.body, asking.as, digest, signal), digest, place, wanted))
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

function askingFor(edge: URL, { catalogue, filters, format }: ExportRequest): Asking {
  const as = format === 'parquet' ? 'ndjson' : format
  const query = new URLSearchParams([...filters.map(([name, value]) => [name, value]), ['as', as]]).toString()
  return {
    as,
    body: new URL(`${catalogue}/export?${query}`, edge),
    digest: new URL(`${catalogue}/export/digest?${query}`, edge),
  }
}

async function download(
  pieces: Pieces,
  digest: ExportDigest,
  { folder, name }: Place,
  wanted: ExportRequest,
): Promise<ExportedFile> {
  const isParquet = wanted.format === 'parquet'
  const part = await createPartFile(folder, name, isParquet ? 0 : digest.bytes)
  try {
    const written = isParquet
      ? await writeAsParquet(pieces, part, wanted, digest.revision)
      : await write(pieces, part, wanted, digest)
    return { ...written, path: await part.publish() }
  } catch (error) {
    await part.discard()
    throw error
  }
}

type Pieces = AsyncGenerator<Uint8Array, void, undefined>

/** NDJSON also has to end with the record that whoever gets the file can check it by. */
async function write(
  pieces: Pieces,
  part: PartFile,
  { format }: ExportRequest,
  digest: ExportDigest,
): Promise<ExportDigest> {
  const proof = format === 'ndjson' ? new ProofOfRows() : undefined
  let offset = 0
  for await (const bytes of pieces) {
    proof?.take(bytes)
    await part.write(offset, bytes)
    offset += bytes.length
  }
  proof?.end()
  return digest
}

async function writeAsParquet(
  pieces: Pieces,
  part: Pick<PartFile, 'write'>,
  wanted: ExportRequest,
  revision: number,
): Promise<ExportDigest> {
  const { writeParquet } = await import('./export-parquet.ts')
  const sums = new FileDigest(nodePrimitives)
  let rows = 0
  async function* counted(): AsyncGenerator<string> {
    for await (const line of provenLines(pieces)) {
      rows++
      yield line
    }
  }
  const facts = { 'voltdrop.resource': wanted.catalogue, 'voltdrop.revision': String(revision) }
  const columns = exportColumns(wanted.catalogue, fieldsOf(wanted))
  try {
    await writeParquet(part, columns, counted(), facts, (bytes) => sums.update(bytes))
  } catch (error) {
    // Rows that are not JSON, or hold what the columns cannot.
    throw asVoltdropError(error, 'corrupt')
  }
  const { size, crc32, sha256 } = sums.sums()
  return { revision, rows, bytes: size, crc32, sha256 }
}

/** The lines of an NDJSON export, a row each. The iteration throws at its end unless all of them arrived unchanged. */
async function* provenLines(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const proof = new ProofOfRows()
  for await (const bytes of pieces) {
    const lines = Buffer.from(proof.take(bytes)).toString()
    for (const line of lines.split('\n')) if (line !== '') yield line
  }
  proof.end()
}

/**
 * The file at the export's path, if it is this user's and has the bytes that the edge gives now; undefined if there is none. What lies
 * beside it is not believed: in a folder that others may write into, anybody may have put it there.
 * @throws VoltdropError `file_exists` for any other file.
 */
async function alreadyThere(
  { folder, name }: Place,
  wanted: ExportRequest,
  asking: Asking,
  digest: ExportDigest,
  signal: AbortSignal,
): Promise<ExportedFile | undefined> {
  const path = join(folder, name)
  const file = await openOwnFile(path)
  if (file === undefined) return undefined
  try {
    const said = wanted.format === 'parquet' ? await parquetDigest(wanted, asking, digest, signal) : digest
    if (!hasDigest(await sumsOf(file), said)) throw new VoltdropError('file_exists', path)
    return { ...said, path }
  } finally {
    await file.close()
  }
}

/** The edge has no digest of Parquet: its rows are written once more, to nowhere. */
async function parquetDigest(
  wanted: ExportRequest,
  { body, as }: Asking,
  digest: ExportDigest,
  signal: AbortSignal,
): Promise<ExportDigest> {
  const pieces = readExport(body, as, digest, signal)
  return writeAsParquet(pieces, { write: async () => {} }, wanted, digest.revision)
}

async function sumsOf(file: SourceFile): Promise<FileSums> {
  const sums = new FileDigest(nodePrimitives)
  while (sums.size < file.size)
    // oxlint-disable-next-line no-await-in-loop -- in order
    sums.update(await file.read(sums.size, Math.min(COMPARED_BLOCK_BYTES, file.size - sums.size)))
  return sums.sums()
}

/** Writes the manifest, unless this user has one that says the same. */
async function addManifest(
  file: ExportedFile,
  { folder, name }: Place,
  wanted: ExportRequest,
): Promise<void> {
  const manifest = manifestOf(file, name, wanted)
  if ((await readManifest(file.path)) !== manifest) await writeManifest(manifest, folder, name)
}
