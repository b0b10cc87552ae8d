/**
 * Exports: a whole list as one file, streamed page by page so that memory does not grow with it.
 * A file is of one revision: each page must have the revision of the first, and the stream breaks off when the catalogue changes.
 * NDJSON ends with a record that proves the file complete; for every format, `/export/digest` gives its digest.
 */
import type { ExportDigest, ExportEnd, ExportFormat } from '../../../protocol/catalogue/vocabulary.ts'
import { crc32, formatCrc32 } from '../../../protocol/crc32.ts'
import type { CatalogueRow } from '../../../protocol/catalogue/column-facts.ts'
import { writeRows } from './export-format.ts'
import { toHex } from '../../http/hash.ts'
import type { Listing, Page } from '../queries/cursor.ts'
import { Problem } from '../../http/problem.ts'

/** Rows read at once: the Worker holds about 3 MB of text, and a million rows stay within D1's 1,000 queries per invocation. */
const PAGE_ROWS = 2_500

/** A list, and how it is written to a file. */
export type Exported<Item extends CatalogueRow> = Listing<Item> & {
  readonly format: ExportFormat
  readonly fields: readonly string[]
}

async function* pagesFrom<Item extends CatalogueRow>(source: Exported<Item>, first: Page<Item>) {
  let page = first
  for (;;) {
    yield page.items
    const last = page.items.at(-1)
    if (last === undefined || page.items.length < PAGE_ROWS) return
    page = await source.list(source.position(last), PAGE_ROWS)
    if (page.revision !== first.revision)
      throw new Problem('catalogue_changed', { headers: { 'retry-after': '1' } })
  }
}

/** Counts and hashes the bytes of a file. */
class Tally {
  rows = 0
  bytes = 0
  #crc32 = 0
  readonly #sha256 = new crypto.DigestStream('SHA-256')
  readonly #writer = this.#sha256.getWriter()

  async add(bytes: Uint8Array, rows: number): Promise<void> {
    this.rows += rows
    this.bytes += bytes.length
    this.#crc32 = crc32(bytes, this.#crc32)
    await this.#writer.write(bytes)
  }

  /** The digest of all bytes added. Nothing can be added after it. */
  async digest(revision: number): Promise<ExportDigest> {
    await this.#writer.close()
    const sha256 = toHex(await this.#sha256.digest)
    return { revision, rows: this.rows, bytes: this.bytes, crc32: formatCrc32(this.#crc32), sha256 }
  }
}

const encoder = new TextEncoder()

/** The file's bytes, one piece a page. */
async function* fileOf<Item extends CatalogueRow>(
  source: Exported<Item>,
  first: Page<Item>,
): AsyncGenerator<[Uint8Array, number]> {
  const tally = source.format === 'ndjson' ? new Tally() : undefined
  for await (const { text, rows } of writeRows(source.format, source.fields, pagesFrom(source, first))) {
    const bytes = encoder.encode(text)
    await tally?.add(bytes, rows)
    if (bytes.length > 0) yield [bytes, rows]
  }
  if (tally === undefined) return
  const end: ExportEnd = { end: await tally.digest(first.revision) }
  yield [encoder.encode(`${JSON.stringify(end)}\n`), 0]
}

/** The export as a stream, which reads a page only after the client has taken the one before, and its revision. */
export async function streamExport<Item extends CatalogueRow>(source: Exported<Item>) {
  // The first page is read before the response begins: a query that fails is answered by a problem document, not by a broken stream.
  const first = await source.list(undefined, PAGE_ROWS)
  const pieces = fileOf(source, first)
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const piece = await pieces.next()
        if (piece.done === true) controller.close()
        else controller.enqueue(piece.value[0])
      },
      async cancel() {
        await pieces.return(undefined)
      },
    },
    { highWaterMark: 0 },
  )
  return { revision: first.revision, stream }
}

/** The digest of that export, made without sending its bytes. */
export async function digestExport<Item extends CatalogueRow>(source: Exported<Item>): Promise<ExportDigest> {
  const first = await source.list(undefined, PAGE_ROWS)
  const tally = new Tally()
  for await (const [bytes, rows] of fileOf(source, first)) await tally.add(bytes, rows)
  return tally.digest(first.revision)
}
