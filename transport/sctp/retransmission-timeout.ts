/** How long to wait before sending again, doubled with every expiry in a row (exponential back-off). */
import type { RoundTrip } from './send/round-trip.ts'
import {
  HANDSHAKE_FIRST_TIMEOUT_MS,
  HANDSHAKE_MAX_TIMEOUT_MS,
  RTO_INITIAL_MS,
  RTO_MAX_MS,
  RTO_MIN_MS,
} from './timers.ts'

/** The least that the variation adds: on an even path it would shrink to nothing (RFC 6298 section 2.3, clock granularity G). */
const MIN_VARIATION_MS = 10
/** Doublings are bounded by RTO.Max well before; this keeps the power finite. */
const MAX_DOUBLINGS = 10

/** RTO after `expiries` expiries in a row (RFC 9260 sections 6.3.1 and 6.3.3, rules C1 to C7 and E2). */
export function retransmissionTimeoutMs(roundTrip: RoundTrip, expiries: number): number {
  const { smoothedMs, variationMs } = roundTrip
  const baseMs = smoothedMs === 0 ? RTO_INITIAL_MS : smoothedMs + Math.max(4 * variationMs, MIN_VARIATION_MS)
  return Math.min(Math.max(baseMs, RTO_MIN_MS) * 2 ** Math.min(expiries, MAX_DOUBLINGS), RTO_MAX_MS)
}

/** T1, before any round trip was measured (RFC 9260 section 5.1). */
export function handshakeTimeoutMs(expiries: number): number {
  return Math.min(HANDSHAKE_FIRST_TIMEOUT_MS * 2 ** expiries, HANDSHAKE_MAX_TIMEOUT_MS)
}
