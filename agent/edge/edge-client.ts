/** The edge over HTTP: opens rooms and makes requests. Answers are limited in size and checked; redirects are refused. */
import type { Response } from 'undici'
import { VoltdropError } from '../../protocol/errors.ts'
import { type OpenedRoom, parseOpenedRoom } from '../../protocol/meeting/room.ts'
import { ROOM_MAX_WAIT_SECONDS } from '../../protocol/meeting/room-lifetimes.ts'
import { connectionFailure, fetchFromEdge, trustSystemAfter } from './access/http-client.ts'
import { readText } from './answer-body.ts'
import { refusal, refuseRedirect, requireMediaType } from './edge-answer.ts'

/** An edge that has not begun to answer after this long is unreachable. */
const ANSWER_MS = 10_000

/** A room, and how long it waits for its guest from now on. */
export type OwnRoom = OpenedRoom & { readonly waitMs: number }

/**
 * `POST /rooms`, for a room that waits `waitSeconds`, or as long as is usual. The edge may shorten it.
 * @throws VoltdropError those of `request`.
 */
export async function openRoom(edge: URL, signal: AbortSignal, waitSeconds?: number): Promise<OwnRoom> {
  const url = new URL('rooms', edge)
  if (waitSeconds !== undefined) url.searchParams.set('wait_seconds', String(waitSeconds))
  const response = await request(url, { method: 'POST', signal })
  const room = openedRoom(await readText(response, { url, signal }), url)
  const longestMs = (waitSeconds ?? ROOM_MAX_WAIT_SECONDS) * 1_000
  const leftMs = Math.min(Math.max(0, untilExpiry(room, response)), longestMs)
  // A second may have begun between the room and its answer: that shortens nothing.
  return { ...room, waitMs: waitSeconds !== undefined && longestMs - leftMs <= 1_000 ? longestMs : leftMs }
}

function openedRoom(text: string, url: URL): OpenedRoom {
  try {
    return parseOpenedRoom(text)
  } catch (error) {
    throw new VoltdropError('not_an_edge', `${url.origin} does not answer with a room`, { cause: error })
  }
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
  /** What a successful answer must be; default: JSON. */
  readonly mediaType?: string
  readonly signal: AbortSignal
}

/**
 * One request to the edge. Resolves with a successful response, its body unread.
 * @throws VoltdropError those of `ask`; `rate_limited`, `edge_refused` with the edge's reason, `not_an_edge` for another media type.
 */
export async function request(url: URL, options: RequestOptions): Promise<Response> {
  const response = await ask(url, options)
  if (!response.ok) throw await refusal(response, { url, signal: options.signal })
  requireMediaType(response, url, options.mediaType ?? 'application/json')
  return response
}

/**
 * One request to the edge, for a response of any status but a redirect.
 * @throws VoltdropError `edge_unreachable` with the address, `edge_untrusted` with the issuer, `not_an_edge`, `cancelled`.
 */
export async function ask(url: URL, options: RequestOptions): Promise<Response> {
  const { answerMs = ANSWER_MS, mediaType: _, signal, ...init } = options
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), answerMs)
  try {
    const response = await fetchFromEdge(url, { ...init, signal: AbortSignal.any([signal, deadline.signal]) })
    refuseRedirect(response, url)
    return response
  } catch (error) {
    if (signal.aborted) throw new VoltdropError('cancelled', undefined, { cause: error })
    if (error instanceof VoltdropError) throw error
    // The handshake failed before the request was sent, which can therefore be made again.
    if (await trustSystemAfter(error)) return await ask(url, options)
    throw await connectionFailure(error, url)
  } finally {
    clearTimeout(timer)
  }
}
