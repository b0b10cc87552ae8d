/** A token bucket: packets leave at the controller's rate, in small bursts whenever the pacing timer ticks. */

/** The bucket holds what arrives in this time, so that a late timer does not lower the rate. */
const BUCKET_MS = 4
const MIN_BUCKET_BYTES = 12_000

export class Pacer {
  #tokens = MIN_BUCKET_BYTES
  #filledMs = 0

  /** True when a packet may leave now. The last one may take more than the bucket holds. */
  allows(nowMs: number, bytesPerSecond: number): boolean {
    if (bytesPerSecond === Infinity) return true
    const elapsedMs = nowMs - this.#filledMs
    if (elapsedMs > 0) {
      const bucket = Math.max((bytesPerSecond * BUCKET_MS) / 1_000, MIN_BUCKET_BYTES)
      this.#tokens = Math.min(this.#tokens + (bytesPerSecond * elapsedMs) / 1_000, bucket)
      this.#filledMs = nowMs
    }
    return this.#tokens > 0
  }

  spend(bytes: number, bytesPerSecond: number): void {
    if (bytesPerSecond !== Infinity) this.#tokens -= bytes
  }
}
