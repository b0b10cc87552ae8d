/** Reads the body of an answer: at most so many bytes, counted after decompression, and no slower than a pace. */
import type { Response } from 'undici'
import { VoltdropError } from '../../protocol/errors.ts'
import { inTime } from '../clock.ts'

/** More than any answer but an export has; counted after decompression. */
const MAX_ANSWER_BYTES = 1_048_576
/** For a whole answer of that size, from its first byte to its last. */
const ANSWER_BODY_MS = 30_000

/** The request that is being answered. */
export type Asked = { readonly url: URL; readonly signal: AbortSignal }

export type BodyLimits = {
  /** In each window this many bytes must come, or the end of the body. */
  readonly windowMs: number
  readonly bytesInWindow: number
  readonly maxBytes: number
  /** Thrown when the body is longer. */
  readonly tooLong: () => VoltdropError
}

/** The whole body as text. @throws VoltdropError `edge_refused` beyond 1 MiB, `edge_unreachable` when it breaks off or takes too long, `cancelled`. */
export async function readText(response: Response, asked: Asked): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  const limits: BodyLimits = {
    maxBytes: MAX_ANSWER_BYTES,
    windowMs: ANSWER_BODY_MS,
    bytesInWindow: Infinity,
    tooLong: () => new VoltdropError('edge_refused', 'its answer is too long'),
  }
  for await (const part of bodyOf(response, asked, limits)) text += decoder.decode(part, { stream: true })
  return text + decoder.decode()
}

/**
 * The bytes of a body. Only waiting for the edge counts as time, not what the reader does in between.
 * @throws VoltdropError `edge_unreachable` when it breaks off or is too slow, `cancelled`, and what `limits` says.
 */
export async function* bodyOf(
  response: Response,
  asked: Asked,
  limits: BodyLimits,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = response.body?.getReader()
  if (reader === undefined) return
  let total = 0
  let window = { ms: 0, bytes: 0 }
  try {
    for (;;) {
      const askedMs = performance.now()
      // oxlint-disable-next-line no-await-in-loop -- one part after the other
      const { done, value } = await partInTime(reader.read(), limits.windowMs - window.ms, asked)
      if (done) return
      total += value.length
      if (total > limits.maxBytes) throw limits.tooLong()
      window = { ms: window.ms + performance.now() - askedMs, bytes: window.bytes + value.length }
      if (window.bytes >= limits.bytesInWindow) window = { ms: 0, bytes: 0 }
      yield value
    }
  } finally {
    // Also when the caller stops early: the connection is closed, and the edge sends no more.
    await reader.cancel().catch(() => {}) // a body that broke is over already
  }
}

async function partInTime<T>(part: Promise<T>, ms: number, { url, signal }: Asked): Promise<T> {
  try {
    return await inTime(part, ms, () => {
      throw new VoltdropError('edge_unreachable', `${url.origin} stops in the middle of its answer`)
    })
  } catch (error) {
    if (signal.aborted) throw new VoltdropError('cancelled', undefined, { cause: error })
    if (error instanceof VoltdropError) throw error
    throw new VoltdropError('edge_unreachable', `${url.origin} broke off in the middle of its answer`, {
      cause: error,
    })
  }
}
