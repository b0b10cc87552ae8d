/** The edge's configuration for tests whose clients all have the same address. */
import type { EdgeConfig } from '../../agent/edge/embedded/edge-parts.ts'

/** So many requests a minute are allowed that no test meets the limit. */
export function withoutRateLimits(config: EdgeConfig): EdgeConfig {
  const rateLimits = config.rateLimits.map((rate) => ({
    ...rate,
    simple: { limit: 100_000, period: 60 as const },
  }))
  return { ...config, rateLimits, vars: { ...config.vars, ROOMS_PER_ADDRESS: '1000' } }
}
