/**
 * What answers at the address of an edge, and whether that is an edge: a web server, a sign-in page of a network or a proxy may answer in
 * its place. An edge says everything in JSON, and its refusals in problem documents (RFC 9457).
 */
import type { Headers, Response } from 'undici'
import { VoltdropError } from '../../protocol/errors.ts'
import { parseJson } from '../../protocol/parse-json.ts'
import { escapeText } from '../terminal/escape.ts'
import { type Asked, readText } from './answer-body.ts'
import { problemText } from './problem-text.ts'

/** RFC 6585 section 4. */
const TOO_MANY_REQUESTS = 429
/** RFC 9110 section 15.6.4. */
const UNAVAILABLE = 503

/** @throws VoltdropError `not_an_edge` unless the answer has the media type that an edge would give it. */
export function requireMediaType(response: Response, url: URL, expected: string): void {
  if (mediaType(response.headers) === expected) return
  void response.body?.cancel()
  throw notAnEdge(response.status, response.headers, url)
}

function mediaType(headers: Headers): string {
  return (headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

function notAnEdge(status: number, headers: Headers, url: URL): VoltdropError {
  const type = mediaType(headers)
  const kind = type === '' ? 'something without a type' : escapeText(type)
  return new VoltdropError('not_an_edge', `${url.origin} answers ${status} with ${kind}`)
}

/** @throws VoltdropError `not_an_edge` for a redirect, with its target. */
export function refuseRedirect(response: Response, url: URL): void {
  if (response.status < 300 || response.status >= 400) return
  void response.body?.cancel()
  throw new VoltdropError('not_an_edge', `${url.origin} redirects ${redirectTarget(response, url)}`)
}

/** What this program asks for below the address of an edge. */
const ASKED_PATH = /\/(?:rooms(?:\/\d+)?|(?:products|batteries)(?:\/(?:import|export(?:\/digest)?))?)$/

/** Without what was asked for, so that an edge's address is left, and without a query, which may hold what is not to be shown. */
function redirectTarget(response: Response, url: URL): string {
  const target = URL.parse(response.headers.get('location') ?? '', url)
  if (target === null) return 'to nowhere'
  const address = target.origin + target.pathname.replace(ASKED_PATH, '/')
  return `to ${escapeText(address)}: if that is the edge, name it with --edge`
}

/** The failure that an unsuccessful response means, with the reason of its problem document. */
export async function refusal(response: Response, asked: Asked): Promise<VoltdropError> {
  return refusalOf(response, await readProblem(response, asked), asked.url)
}

/** As `refusal`, for a document that has been read. */
export function refusalOf({ status, headers }: Response, problem: unknown, url: URL): VoltdropError {
  const reason = problemText(problem)
  if (status === TOO_MANY_REQUESTS)
    return new VoltdropError('rate_limited', reason === undefined ? undefined : escapeText(reason))
  // An edge that is starting, or whose Worker is, says when to come back; one that takes no writes does not.
  if (status === UNAVAILABLE && headers.has('retry-after'))
    return new VoltdropError(
      'edge_unreachable',
      `${url.origin}: ${escapeText(reason ?? `it answers ${status}`)}`,
    )
  if (reason !== undefined) return new VoltdropError('edge_refused', escapeText(reason))
  if (isGatewayAlone(status)) return new VoltdropError('edge_unreachable', `${url.origin} answers ${status}`)
  return notAnEdge(status, headers, url)
}

/** A gateway whose edge is gone (502 to 504), or Cloudflare before one (520 to 530). */
function isGatewayAlone(status: number): boolean {
  return (status >= 502 && status <= 504) || (status >= 520 && status <= 530)
}

/** The problem document of a response; undefined when it has none. */
export async function readProblem(response: Response, asked: Asked): Promise<unknown> {
  if (!['application/problem+json', 'application/json'].includes(mediaType(response.headers))) {
    await response.body?.cancel()
    return undefined
  }
  return parseJson(await readText(response, asked))
}

/** The JSON of a successful response; undefined for a text that is none. @throws VoltdropError `not_an_edge`, those of `readText`. */
export async function readJson(response: Response, asked: Asked): Promise<unknown> {
  requireMediaType(response, asked.url, 'application/json')
  return parseJson(await readText(response, asked))
}
