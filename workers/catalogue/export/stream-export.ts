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

/** The permission to run one export: see durable/exports/. */
export type Turn = {
  /** To be called before each page. Rejects with `rate_limited` when the turn was lost to others. */
  keep(): Promise<void>
  /** To be called once, when the export is over; with its digest, when it came to its end. */
  end(digest?: ExportDigest): void
}

/** A list, and how it is written to a file. */
export type Exported<Item extends CatalogueRow> = Listing<Item> & {
  readonly format: ExportFormat
  readonly fields: readonly string[]
}

async function* pagesFrom<Item extends CatalogueRow>(
  source: Exported<Item>,
  first: Page<Item>,
  turn: Turn,
): AsyncGenerator<readonly Item[]> {
  let page = first
  for (;;) {
    yield page.items
    const last = page.items.at(-1)
    if (last === undefined || page.items.length < PAGE_ROWS) return
    await turn.keep()
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

/** The file's bytes, one piece a page. @returns their digest. */
async function* fileOf<Item extends CatalogueRow>(
  source: Exported<Item>,
  first: Page<Item>,
  turn: Turn,
): AsyncGenerator<Uint8Array, ExportDigest> {
  const whole = new Tally()
  const before = source.format === 'ndjson' ? new Tally() : undefined
  for await (const { text, rows } of writeRows(
    source.format,
    source.fields,
    pagesFrom(source, first, turn),
  )) {
    const bytes = encoder.encode(text)
    await Promise.all([whole.add(bytes, rows), before?.add(bytes, rows)])
    if (bytes.length > 0) yield bytes
  }
  if (before !== undefined) {
    const end: ExportEnd = { end: await before.digest(first.revision) }
    const bytes = encoder.encode(`${JSON.stringify(end)}\n`)
    await whole.add(bytes, 0)
    yield bytes
  }
  return whole.digest(first.revision)
}

/** The first page. It is read before the response begins: a query that fails is answered by a problem document, not by a broken stream. */
async function firstPage<Item extends CatalogueRow>(source: Exported<Item>, turn: Turn): Promise<Page<Item>> {
  try {
    await turn.keep() // also many short exports are spaced
    return await source.list(undefined, PAGE_ROWS)
  } catch (error) {
    turn.end()
    throw error
  }
}

/** The export as a stream, which reads a page only after the client has taken the one before; and its revision. */
export async function streamExport<Item extends CatalogueRow>(source: Exported<Item>, turn: Turn) {
  const first = await firstPage(source, turn)
  const pieces = fileOf(source, first, turn)
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const piece = await pieces.next()
          if (piece.done !== true) return controller.enqueue(piece.value)
          turn.end(piece.value)
          controller.close()
        } catch (error) {
          turn.end()
          throw error
        }
      },
      cancel() {
        turn.end()
      },
    },
    { highWaterMark: 0 },
  )
  return { revision: first.revision, stream }
}

/** The digest of that export, made without sending its bytes. */
export async function digestExport<Item extends CatalogueRow>(
  source: Exported<Item>,
  turn: Turn,
): Promise<ExportDigest> {
  const pieces = fileOf(source, await firstPage(source, turn), turn)
  try {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- page after page
      const piece = await pieces.next()
      if (piece.done !== true) continue
      turn.end(piece.value)
      return piece.value
    }
  } catch (error) {
    turn.end()
    throw error
  }
}
