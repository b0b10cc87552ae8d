/**
 * Errors of the HTTP interface: RFC 9457 problem documents with a closed set of codes. A handler throws `Problem`; the app
 * turns it, and everything else that is thrown, into a document.
 */
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { NO_STORE } from './cache-control.ts'

const PROBLEMS = {
  bad_body: { status: 400, title: 'The body is not the JSON that this address takes.' },
  bad_cursor: { status: 400, title: 'The cursor is not valid for this list.' },
  bad_request: { status: 400, title: 'The request could not be understood.' },
  unauthorized: { status: 401, title: 'Writing requires a token that this edge accepts.' },
  origin_refused: { status: 403, title: 'Pages of this origin may not do that.' },
  not_found: { status: 404, title: 'There is nothing at this address.' },
  no_such_product: { status: 404, title: 'There is no such product.' },
  no_such_battery: { status: 404, title: 'There is no such battery.' },
  method_not_allowed: { status: 405, title: 'This address does not support that method.' },
  already_exists: { status: 409, title: 'Another row of the catalogue has this key.' },
  product_in_use: { status: 409, title: 'Batteries refer to this product.' },
  precondition_failed: { status: 412, title: 'It has changed since it was read; read it again.' },
  body_too_large: { status: 413, title: 'The body is too large.' },
  uri_too_long: { status: 414, title: 'The address is too long.' },
  unsupported_media_type: { status: 415, title: 'This address does not take a body of that type.' },
  wrong_host: { status: 421, title: 'This edge does not answer under that name.' },
  bad_field: { status: 422, title: 'A field of the body is not valid.' },
  bad_parameter: { status: 422, title: 'A parameter is not valid.' },
  upgrade_required: { status: 426, title: 'This address speaks WebSocket only.' },
  precondition_required: { status: 428, title: 'State which version you are changing, with If-Match.' },
  rate_limited: { status: 429, title: 'Too many requests.' },
  internal: { status: 500, title: 'The edge had an internal error.' },
  catalogue_changed: { status: 503, title: 'The catalogue changed while it was read.' },
  writes_disabled: { status: 503, title: 'This edge does not take writes: it has no token.' },
  unavailable: { status: 503, title: 'The edge cannot answer at the moment.' },
} as const satisfies Record<string, { status: ContentfulStatusCode; title: string }>

export type ProblemCode = keyof typeof PROBLEMS

/** Every code with its status and sentence, for the reference page. */
export const problemTitles = Object.entries(PROBLEMS).map(([code, said]) => ({ code, ...said }))

export function statusOf(code: ProblemCode): ContentfulStatusCode {
  return PROBLEMS[code].status
}

/** One fault of a request, in a path or query parameter, a header, or a place in a JSON body (RFC 6901). */
export type Fault = { readonly detail: string } & (
  | { readonly parameter: string }
  | { readonly header: string }
  | { readonly pointer: string }
)

export type ProblemOptions = {
  readonly detail?: string
  readonly faults?: readonly Fault[]
  readonly headers?: Record<string, string>
  /** Identifies this occurrence in the edge's log. */
  readonly instance?: string
}

/** A request that is answered with a problem document. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly options: ProblemOptions

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    super(PROBLEMS[code].title)
    this.code = code
    this.options = options
  }
}

/** The document as a response. `detail` is for a person to read and never contains internals of the edge. */
export function problemResponse(code: ProblemCode, options: ProblemOptions = {}): Response {
  const { status, title } = PROBLEMS[code]
  const body = {
    type: `urn:voltdrop:problem:${code}`,
    title,
    status,
    code,
    detail: options.detail,
    errors: options.faults,
    instance: options.instance,
  }
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': NO_STORE, ...options.headers },
  })
}
