/** Round-trip estimation (RFC 9260 section 6.3.1, RFC 6298). */

/** The shares of a new sample in the two averages (RTO.Alpha and RTO.Beta, RFC 9260 section 16). */
const SMOOTHING = 1 / 8
const VARIATION_SMOOTHING = 1 / 4
/** On a coarse clock no time may pass between a packet and its answer; a sample of 0 would read as "none". */
const MIN_SAMPLE_MS = 0.01

export class RoundTrip {
  /** All are 0 before the first sample. */
  smoothedMs = 0
  variationMs = 0
  minMs = 0
  latestMs = 0

  /** A round trip, measured on something that was sent only once (Karn's algorithm). */
  sample(rttMs: number): void {
    const rtt = Math.max(rttMs, MIN_SAMPLE_MS)
    this.latestMs = rtt
    if (this.smoothedMs === 0) {
      this.smoothedMs = rtt
      this.variationMs = rtt / 2
      this.minMs = rtt
      return
    }
    this.variationMs += (Math.abs(this.smoothedMs - rtt) - this.variationMs) * VARIATION_SMOOTHING
    this.smoothedMs += (rtt - this.smoothedMs) * SMOOTHING
    if (rtt < this.minMs) this.minMs = rtt
  }

  /** Forgets a path that is no longer used. */
  reset(): void {
    this.smoothedMs = 0
    this.variationMs = 0
    this.minMs = 0
    this.latestMs = 0
  }
}
