/** The edge over HTTP: opens rooms and fetches exports. Answers are limited in size and checked; redirects are refused. */
import { VoltdropError } from '../../protocol/errors.ts'
import { type OpenedRoom, parseOpenedRoom } from '../../protocol/meeting/room.ts'
import { ROOM_MAX_WAIT_SECONDS } from '../../protocol/meeting/room-lifetimes.ts'
import { escapeText } from '../terminal/escape.ts'

/** An edge that has not begun to answer after this long is unreachable. */
const ANSWER_MS = 10_000
/** Room numbers and problem documents are far smaller. */
const MAX_ANSWER_BYTES = 16_384

/** A room, and how long it waits for its guest from now on. */
export type OwnRoom = OpenedRoom & { readonly waitMs: number }

/**
 * `POST /rooms`, for a room that waits `waitSeconds`, or as long as is usual. The edge may shorten it.
 * @throws VoltdropError `edge_unreachable`, `rate_limited`, `edge_refused`.
 */
export async function openRoom(edge: URL, signal: AbortSignal, waitSeconds?: number): Promise<OwnRoom> {
  const url = new URL('rooms', edge)
  if (waitSeconds !== undefined) url.searchParams.set('wait_seconds', String(waitSeconds))
  const response = await request(url, { method: 'POST', signal })
  const room = parseOpenedRoom(await readText(response))
  const longestMs = (waitSeconds ?? ROOM_MAX_WAIT_SECONDS) * 1_000
  return { ...room, waitMs: Math.min(Math.max(0, untilExpiry(room, response)), longestMs) }
}

/**
 * In milliseconds, by the edge's own clock, because the clock of this machine may be wrong. Whole seconds: those of Date are
 * (RFC 9110 section 6.6.1).
 */
function untilExpiry({ expires_at }: OpenedRoom, { headers }: Response): number {
  const toldMs = Date.parse(headers.get('date') ?? '')
  const leftMs = Date.parse(expires_at) - (Number.isNaN(toldMs) ? Date.now() : toldMs)
  return Math.floor(leftMs / 1_000) * 1_000
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
    reason = reasonOf(JSON.parse(await readText(response))) ?? reason
  } catch {
    // Without a readable body the status is the only reason.
  }
  return new VoltdropError('edge_refused', escapeText(reason))
}

/** `title; detail; parameter: detail; ...` of a problem document, as far as it has them. */
function reasonOf(problem: unknown): string | undefined {
  const title = field(problem, 'title')
  if (title === undefined) return undefined
  const errors: unknown =
    typeof problem === 'object' && problem !== null && 'errors' in problem ? problem.errors : undefined
  const faults = Array.isArray(errors)
    ? errors.map((fault: unknown) =>
        [field(fault, 'parameter') ?? field(fault, 'pointer'), field(fault, 'detail')].join(': '),
      )
    : []
  return [title, field(problem, 'detail'), ...faults].filter((part) => part !== undefined).join('; ')
}

function field(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const found: unknown = Reflect.get(value, name)
  return typeof found === 'string' ? found : undefined
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
