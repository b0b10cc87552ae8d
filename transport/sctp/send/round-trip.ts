/** Round-trip estimation and the retransmission time-out (RFC 9260 section 6.3, RFC 6298). */

const INITIAL_RTO_MS = 1_000
/** RFC 9260 says 1 s; every WebRTC stack uses less. Above the 200 ms that a peer may hold its SACK back. */
const MIN_RTO_MS = 300
const MAX_RTO_MS = 10_000

export class RoundTrip {
  /** 0 before the first sample, like the two below. */
  smoothedMs = 0
  minMs = 0
  latestMs = 0
  #variationMs = 0

  /** A round trip that was measured on something sent once (Karn's rule). */
  sample(rttMs: number): void {
    // Time may stand still between a packet and its answer on a virtual or coarse clock.
    const rtt = Math.max(rttMs, 0.01)
    this.latestMs = rtt
    if (this.smoothedMs === 0) {
      this.smoothedMs = rtt
      this.#variationMs = rtt / 2
      this.minMs = rtt
      return
    }
    this.#variationMs += (Math.abs(this.smoothedMs - rtt) - this.#variationMs) / 4
    this.smoothedMs += (rtt - this.smoothedMs) / 8
    if (rtt < this.minMs) this.minMs = rtt
  }

  /** Forgets a path that is no longer used. */
  reset(): void {
    this.smoothedMs = 0
    this.minMs = 0
    this.latestMs = 0
    this.#variationMs = 0
  }

  /** The time-out after `backOff` expiries in a row. */
  timeoutMs(backOff: number): number {
    const base =
      this.smoothedMs === 0 ? INITIAL_RTO_MS : this.smoothedMs + Math.max(4 * this.#variationMs, 10)
    return Math.min(Math.max(base, MIN_RTO_MS) * 2 ** Math.min(backOff, 10), MAX_RTO_MS)
  }
}
