/** The headers that every response has unless its route sets its own, and what HTML pages set instead. */
import type { MiddlewareHandler } from 'hono'
import { NO_STORE } from './cache-control.ts'

/** A policy that allows these directives and nothing else: no other source of anything, and no embedding in frames. */
export function contentSecurityPolicy(...directives: string[]): string {
  return ["default-src 'none'", ...directives, "frame-ancestors 'none'"].join('; ')
}

/** For what only the edge's own pages may load. */
export const SAME_ORIGIN_ONLY = { 'cross-origin-resource-policy': 'same-origin' } as const

const DEFAULT_HEADERS = {
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'cross-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  'content-security-policy': contentSecurityPolicy(),
  // Without this header the platform's cache would keep responses for minutes or hours.
  'cache-control': NO_STORE,
} as const

/** Leaves an upgrade (101) as it is: that response carries a socket and cannot be rebuilt. */
export const defaultHeaders: MiddlewareHandler = async function defaultHeaders(c, next) {
  await next()
  if (c.res.status === 101) return
  for (const [header, value] of Object.entries(DEFAULT_HEADERS)) {
    if (!c.res.headers.has(header)) c.res.headers.set(header, value)
  }
}
