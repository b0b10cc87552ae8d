/** The headers of every answer. An upgrade (101) is left alone: its response carries a socket and cannot be rebuilt. */
import type { MiddlewareHandler } from 'hono'

const always = {
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'cross-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const

export const safeHeaders: MiddlewareHandler = async function safeHeaders(c, next) {
  await next()
  if (c.res.status === 101) return
  for (const [header, value] of Object.entries(always)) {
    if (!c.res.headers.has(header)) c.res.headers.set(header, value)
  }
  // Without a word on caching the platform's cache would keep answers for minutes or hours.
  if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store')
}
