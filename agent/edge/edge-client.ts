/** The edge over HTTP: opens rooms and fetches exports. Answers are limited in size and checked; redirects are refused. */
import { VoltdropError } from '../../protocol/errors.ts'
import { type OpenedRoom, parseOpenedRoom } from '../../protocol/meeting/room.ts'
import { escapeText } from '../terminal/escape.ts'
import { problemText } from './problem-text.ts'

/** An edge that has not begun to answer after this long is unreachable. */
const ANSWER_MS = 10_000
/** Room numbers and problem documents are far smaller. */
const MAX_ANSWER_BYTES = 16_384

/** `POST /rooms`. @throws VoltdropError `edge_unreachable`, `rate_limited`, `edge_refused`. */
export async function openRoom(edge: URL, signal: AbortSignal): Promise<OpenedRoom> {
  const response = await request(new URL('rooms', edge), { method: 'POST', signal })
  return parseOpenedRoom(await readText(response))
}

export type RequestOptions = {
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** How long the edge may take to begin its answer. */
  readonly answerMs?: number
  readonly signal: AbortSignal
}

/**
 * One request to the edge. Resolves with a successful response, its body unread.
 * @throws VoltdropError `edge_unreachable` with the address, `rate_limited`, `edge_refused` with the edge's reason.
 */
export async function request(url: URL, options: RequestOptions): Promise<Response> {
  const response = await ask(url, options)
  if (response.ok) return response
  throw await refusal(response)
}

/** One request to the edge, for a response of any status. @throws VoltdropError `edge_unreachable` with the address, `cancelled`. */
export async function ask(
  url: URL,
  { answerMs = ANSWER_MS, signal, ...init }: RequestOptions,
): Promise<Response> {
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), answerMs)
  try {
    return await fetch(url, {
      ...init,
      redirect: 'error',
      signal: AbortSignal.any([signal, deadline.signal]),
    })
  } catch (error) {
    if (signal.aborted) throw new VoltdropError('cancelled', undefined, { cause: error })
    throw new VoltdropError('edge_unreachable', url.origin, { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

/** The failure that an unsuccessful response means, with the reason of its problem document (RFC 9457). */
export async function refusal(response: Response): Promise<VoltdropError> {
  if (response.status === 429) {
    await response.body?.cancel()
    return new VoltdropError('rate_limited')
  }
  let reason = `status ${response.status}`
  try {
    reason = problemText(JSON.parse(await readText(response))) ?? reason
  } catch {
    // Without a readable body the status is the only reason.
  }
  return new VoltdropError('edge_refused', escapeText(reason))
}

/** The whole body as text, at most `MAX_ANSWER_BYTES`. */
export async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let bytes = 0
  for await (const part of response.body ?? []) {
    bytes += part.length
    if (bytes > MAX_ANSWER_BYTES) throw new VoltdropError('edge_refused', 'its answer is too long')
    text += decoder.decode(part, { stream: true })
  }
  return text + decoder.decode()
}
