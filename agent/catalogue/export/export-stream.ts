/** The digest and the body of an export. What is read is never more than the digest announced, and at its end exactly that. */
import type { Response } from 'undici'
import * as z from 'zod/mini'
import { FileDigest, type FileSums } from '../../../peer/transfer/file-digest.ts'
import {
  type ExportDigest,
  type ExportFormat,
  exportMediaTypes,
  REVISION_HEADER,
} from '../../../protocol/catalogue/vocabulary.ts'
import { VoltdropError } from '../../../protocol/errors.ts'
import { parseJson } from '../../../protocol/parse-json.ts'
import { type Asked, bodyOf } from '../../edge/answer-body.ts'
import { readJson } from '../../edge/edge-answer.ts'
import { request } from '../../edge/edge-client.ts'
import { nodePrimitives } from '../../primitives.ts'

/** An export that brings less than this in this time is taken to be cut: the edge sends megabytes, with a second or so between them. */
const PACE = { windowMs: 30_000, bytesInWindow: 16_384 }
/** No record is nearly as long: a longer line is not NDJSON. */
const MAX_LINE_BYTES = 1_048_576
/** The edge makes a digest by reading all rows, and others may be before us. */
const DIGEST_MS = 300_000
/** An edge that is busy begins later. */
const EXPORT_ANSWER_MS = 60_000

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

/** The digest that the edge gives at `url`. @throws VoltdropError those of a request; `edge_refused` when there is none. */
export async function readDigest(url: URL, signal: AbortSignal): Promise<ExportDigest> {
  const response = await request(url, { signal, answerMs: DIGEST_MS })
  const checked = z.safeParse(digestBody, await readJson(response, { url, signal }))
  if (!checked.success) throw new VoltdropError('edge_refused', 'it tells no digest of its export')
  return checked.data
}

/**
 * The bytes of the export at `url`, which end only when they have the digest.
 * @throws VoltdropError those of a request; `CutShort` when the body breaks off or stalls, or is of another revision than `digest`;
 *   `corrupt` when it is longer than the digest announced, or not what it says.
 */
export async function* readExport(
  url: URL,
  as: ExportFormat,
  digest: ExportDigest,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const stop = new AbortController()
  const asked = { url, signal: AbortSignal.any([signal, stop.signal]) }
  try {
    const options = { signal: asked.signal, answerMs: EXPORT_ANSWER_MS, mediaType: exportMediaTypes[as] }
    const response = await request(url, options)
    if (response.headers.get(REVISION_HEADER) !== String(digest.revision))
      throw new CutShort('edge_refused', 'the catalogue keeps changing')
    const sums = new FileDigest(nodePrimitives)
    for await (const bytes of wholeBody(response, asked, digest)) {
      sums.update(bytes)
      yield bytes
    }
    if (!hasDigest(sums.sums(), digest))
      throw new VoltdropError('corrupt', 'the export is not what the edge says')
  } finally {
    stop.abort() // a reader that stops early: the edge is to stop as well
  }
}

async function* wholeBody(
  response: Response,
  asked: Asked,
  digest: ExportDigest,
): AsyncGenerator<Uint8Array, void, undefined> {
  const maxBytes = digest.bytes
  function tooLong(): VoltdropError {
    return new VoltdropError('corrupt', 'the export is longer than the edge says')
  }
  try {
    yield* bodyOf(response, asked, { ...PACE, maxBytes, tooLong })
  } catch (error) {
    if (!(error instanceof VoltdropError) || error.code !== 'edge_unreachable') throw error
    throw new CutShort(
      'edge_unreachable',
      `${asked.url.origin} broke off in the middle of the export; no file was left`,
      {
        cause: error,
      },
    )
  }
}

/** True when `sums` are those of the bytes that `digest` stands for. */
export function hasDigest(sums: FileSums, digest: ExportDigest): boolean {
  return sums.size === digest.bytes && sums.crc32 === digest.crc32 && sums.sha256 === digest.sha256
}

/** Follows an NDJSON export and holds back its last line, the end record, which must have the digest of every byte before it. */
export class ProofOfRows {
  readonly #sums = new FileDigest(nodePrimitives)
  /** Twice as long whenever it is too short: a line that comes byte by byte is not copied for each of them. */
  #last = Buffer.alloc(0)
  #lastBytes = 0

  /** Takes the next bytes. @returns the complete lines that cannot be the last one. */
  take(bytes: Uint8Array): Uint8Array {
    if (bytes.length === 0) return bytes
    // A line break that ends these bytes may be that of the last line, one that ended those before was not.
    const cut = bytes.subarray(0, -1).lastIndexOf(LINE_BREAK) + 1
    const wasWhole = this.#last[this.#lastBytes - 1] === LINE_BREAK
    if (cut === 0 && !wasWhole) {
      this.#hold(bytes)
      return bytes.subarray(0, 0)
    }
    const rows = Buffer.concat([this.#last.subarray(0, this.#lastBytes), bytes.subarray(0, cut)])
    this.#lastBytes = 0
    this.#hold(bytes.subarray(cut))
    this.#sums.update(rows)
    return rows
  }

  #hold(bytes: Uint8Array): void {
    const length = this.#lastBytes + bytes.length
    if (length > MAX_LINE_BYTES) throw new VoltdropError('corrupt', 'the export is not made of lines')
    if (length > this.#last.length) {
      const longer = Buffer.alloc(2 * length)
      this.#last.copy(longer, 0, 0, this.#lastBytes)
      this.#last = longer
    }
    this.#last.set(bytes, this.#lastBytes)
    this.#lastBytes = length
  }

  /** The end record. @throws VoltdropError `corrupt` when there is none, or its digest is another. */
  end(): ExportDigest {
    const said = z.safeParse(endRecord, parseJson(this.#last.toString('utf8', 0, this.#lastBytes)))
    if (!said.success) throw new VoltdropError('corrupt', 'the export ends without its end record')
    const { end } = said.data
    const { size: bytes, crc32, sha256 } = this.#sums.sums()
    if (end.bytes !== bytes || end.crc32 !== crc32 || end.sha256 !== sha256)
      throw new VoltdropError('corrupt', 'the export is not what its end record says')
    return end
  }
}
