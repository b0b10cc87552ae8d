/**
 * Who may write: those with the token, of which the edge stores only the SHA-256. There are two slots, so that a token can be replaced
 * without an interruption. Every route that writes has this guard; it checks, in this order, size, token, precondition.
 */
import type { MiddlewareHandler } from 'hono'
import type { Env } from '../../env.ts'
import { toHex } from '../../http/hash.ts'
import { forgetLists } from '../routes/list-memory.ts'
import { Problem } from '../../http/problem.ts'
import { limitRate } from '../../http/rate-limit.ts'
import { checkBodyHeaders, checkLength } from '../../http/request-body.ts'

export type Writing = { Bindings: Env; Variables: { writer: string } }

type Guarded = {
  /** Limit of the body; absent: the route takes none. */
  readonly maxBytes?: number
  /** The route changes an existing item: the client must name the state that it changes (If-Match). */
  readonly conditional?: boolean
}

/** Sets `writer`, which names the token in the change log: the first 8 hex digits of its hash. */
export function guardWrites({ maxBytes, conditional = false }: Guarded): MiddlewareHandler<Writing> {
  return async function guard(c, next) {
    if (maxBytes !== undefined) checkLength(c.req, maxBytes)
    const digest = await knownToken(c.env, c.req.header('authorization'))
    if (digest === undefined) {
      await limitRate(c.req, c.env.WRITE_AUTH_LIMIT, 'too many wrong tokens from this address')
      throw new Problem('unauthorized', { headers: { 'www-authenticate': 'Bearer realm="voltdrop"' } })
    }
    c.set('writer', digest.slice(0, 8))
    if (conditional && c.req.header('if-match') === undefined)
      throw new Problem('precondition_required', {
        faults: [{ header: 'if-match', detail: 'the ETag of what is to be changed' }],
      })
    if (maxBytes !== undefined) checkBodyHeaders(c.req, maxBytes)
    try {
      await next()
    } finally {
      forgetLists() // also after a failure, which may come after the write
    }
  }
}

/** The hash in a slot; undefined when it is empty or not a SHA-256. */
function slot(hex: string | undefined): Uint8Array | undefined {
  if (hex === undefined || !/^[0-9a-f]{64}$/i.test(hex.trim())) return undefined
  return Uint8Array.from(hex.trim().match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

/** The SHA-256 of the token in `header` if a slot has it. Throws `writes_disabled` when both slots are empty. */
async function knownToken(env: Env, header: string | undefined): Promise<string | undefined> {
  const slots = [slot(env.WRITE_TOKEN_SHA256), slot(env.WRITE_TOKEN_SHA256_NEXT)].filter(
    (bytes) => bytes !== undefined,
  )
  if (slots.length === 0) throw new Problem('writes_disabled')
  const token = /^Bearer ([\w\-.~+/]{1,200}=*)$/i.exec(header ?? '')?.[1] ?? ''
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))
  // Both slots are always compared, and hashes have the same length: the time taken reveals nothing.
  const matches = slots.map((bytes) => crypto.subtle.timingSafeEqual(bytes, digest))
  return token !== '' && matches.includes(true) ? toHex(digest) : undefined
}
