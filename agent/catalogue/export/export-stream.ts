/** The body of an export as a stream, and the end record by which an NDJSON export is verified. */
import * as z from 'zod/mini'
import { FileDigest } from '../../../peer/transfer/file-digest.ts'
import { type ExportDigest, REVISION_HEADER } from '../../../protocol/catalogue/vocabulary.ts'
import { VoltdropError } from '../../../protocol/errors.ts'
import { request } from '../../edge/edge-client.ts'
import { nodePrimitives } from '../../primitives.ts'

/** An export that sends nothing for this long is taken to be cut. */
const STALL_MS = 30_000
/** No record is nearly as long: a longer line is not NDJSON. */
const MAX_LINE_BYTES = 1_048_576
/** The edge makes a digest by reading all rows again, which takes about as long as the export; these leave a margin. */
const MIN_DIGEST_MS = 60_000
const DIGEST_FACTOR = 4

const LINE_BREAK = 10

const size = z.int().check(z.nonnegative())
const digestBody = z.object({
  revision: size,
  rows: size,
  bytes: size,
  crc32: z.string().check(z.regex(/^[0-9a-f]{8}$/)),
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
})
const endRecord = z.object({ end: digestBody })

/** A body that ended too early: fetching it again may help. */
export class CutShort extends VoltdropError {}

export type OpenedExport = {
  readonly revision: number
  /** Throws `CutShort` when the body breaks off or stalls. */
  readonly pieces: AsyncGenerator<Uint8Array, void, undefined>
  /** Aborts the request if it has not ended. */
  close(): void
}

/** Requests an export. @throws VoltdropError those of a request; `edge_refused` when the response names no revision. */
export async function openExport(url: URL, signal: AbortSignal): Promise<OpenedExport> {
  const stall = new AbortController()
  const response = await request(url, { signal: AbortSignal.any([signal, stall.signal]) })
  const named = response.headers.get(REVISION_HEADER) ?? ''
  if (!/^\d{1,15}$/.test(named)) {
    await response.body?.cancel()
    throw new VoltdropError('edge_refused', 'it names no revision of its export')
  }
  return {
    revision: Number(named),
    pieces: piecesOf(response, url, stall, signal),
    close: () => stall.abort(),
  }
}

async function* piecesOf(
  response: Response,
  url: URL,
  stall: AbortController,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  function arm(): NodeJS.Timeout {
    return setTimeout(() => stall.abort(), STALL_MS)
  }
  let timer = arm()
  try {
    for await (const bytes of response.body ?? []) {
      clearTimeout(timer)
      yield bytes
      timer = arm()
    }
  } catch (error) {
    if (signal.aborted) throw new VoltdropError('cancelled', undefined, { cause: error })
    throw new CutShort(
      'edge_unreachable',
      `${url.origin} broke off in the middle of the export; no file was left`,
      {
        cause: error,
      },
    )
  } finally {
    clearTimeout(timer)
  }
}

/** The digest that the edge gives at `url`. The export itself took `tookMs`, from which the timeout follows. */
export async function readDigest(url: URL, tookMs: number, signal: AbortSignal): Promise<ExportDigest> {
  const answerMs = Math.max(MIN_DIGEST_MS, tookMs * DIGEST_FACTOR)
  const response = await request(url, { signal, answerMs })
  const body: unknown = await response.json().catch(() => undefined)
  const checked = z.safeParse(digestBody, body)
  if (!checked.success) throw new VoltdropError('edge_refused', 'it tells no digest of its export')
  return checked.data
}

/** Follows an NDJSON export and holds back its last line, the end record, which must have the digest of every byte before it. */
export class ProofOfRows {
  readonly #sums = new FileDigest(nodePrimitives)
  #last = Buffer.alloc(0)

  /** Takes the next bytes. @returns the complete lines that cannot be the last one. */
  take(bytes: Uint8Array): Uint8Array {
    const joined = this.#last.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#last, bytes])
    // A line break that ends these bytes may be that of the last line.
    const cut = joined.lastIndexOf(LINE_BREAK, joined.length - 2) + 1
    this.#last = joined.subarray(cut)
    if (this.#last.length > MAX_LINE_BYTES)
      throw new VoltdropError('corrupt', 'the export is not made of lines')
    const rows = joined.subarray(0, cut)
    this.#sums.update(rows)
    return rows
  }

  /** The end record. @throws CutShort when there is none; VoltdropError `corrupt` when its digest is another. */
  end(): ExportDigest {
    const said = z.safeParse(endRecord, parsed(this.#last.toString()))
    if (!said.success) throw new CutShort('corrupt', 'the export ends without its end record')
    const { end } = said.data
    const { size: bytes, crc32, sha256 } = this.#sums.sums()
    if (end.bytes !== bytes || end.crc32 !== crc32 || end.sha256 !== sha256)
      throw new VoltdropError('corrupt', 'the export is not what its end record says')
    return end
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // a line that was cut: the shape refuses it
  }
}
