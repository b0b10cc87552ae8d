/** Rate limits by client address: the `ratelimits` of wrangler.toml, counted by the platform. */
import type { HonoRequest } from 'hono'
import { clientKey } from './client-address.ts'
import { Problem } from './problem.ts'

/** Retry-After: the period of those limits. */
const RETRY_AFTER_SECONDS = '60'

export function tooManyRequests(detail: string, retryAfterSeconds = RETRY_AFTER_SECONDS): Problem {
  return new Problem('rate_limited', { detail, headers: { 'retry-after': retryAfterSeconds } })
}

/** Counts a request. Returns the client's key, `undefined` when it is not limited. Throws `rate_limited`. */
export async function limitRate(
  request: HonoRequest,
  limit: RateLimit,
  detail: string,
): Promise<string | undefined> {
  const key = clientKey(request.header('cf-connecting-ip'))
  if (key !== undefined && !(await limit.limit({ key })).success) throw tooManyRequests(detail)
  return key
}
