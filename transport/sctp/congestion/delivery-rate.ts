/** Delivery-rate samples (draft-cheng-iccrg-delivery-rate-estimation): what rate-based controllers work with. */
import type { OutstandingChunks } from '../send/outstanding-chunks.ts'

export class DeliveryRate {
  /** Wire bytes acknowledged and lost since the association began. */
  deliveredBytes = 0
  lostBytes = 0

  // Of the newest chunk that the current SACK acknowledges; meaningful once it has acknowledged one.
  /** `deliveredBytes` when it was sent. */
  priorDeliveredBytes = 0
  wasAppLimited = false
  inFlightAtSendBytes = 0
  #lostAtSendBytes = 0
  #priorMs = 0
  #sendElapsedMs = 0
  #newestSentMs = 0
  #hasNewest = false

  #deliveredMs = 0
  #firstSentMs = 0
  /** The application-limited flight has passed once `deliveredBytes` exceeds this; 0 while the path is the limit. */
  #appLimitedUntilBytes = 0

  /** `slot` leaves now; `inFlightBytes` does not include it yet, `size` is its size on the wire. */
  onSent(ring: OutstandingChunks, slot: number, nowMs: number, inFlightBytes: number, size: number): void {
    if (inFlightBytes === 0) {
      this.#firstSentMs = nowMs
      this.#deliveredMs = nowMs
    }
    ring.firstSentMsAtSend[slot] = this.#firstSentMs
    ring.deliveredMsAtSend[slot] = this.#deliveredMs
    ring.deliveredAtSend[slot] = this.deliveredBytes
    ring.isAppLimited[slot] = this.#appLimitedUntilBytes === 0 ? 0 : 1
    ring.inFlightAtSend[slot] = inFlightBytes + size
    ring.lostAtSend[slot] = this.lostBytes
  }

  beginSack(): void {
    this.#hasNewest = false
  }

  onAcknowledged(ring: OutstandingChunks, slot: number, nowMs: number, size: number): void {
    this.deliveredBytes += size
    this.#deliveredMs = nowMs
    const delivered = ring.deliveredAtSend[slot] as number
    if (this.#hasNewest && delivered < this.priorDeliveredBytes) return
    const sentMs = ring.sentMs[slot] as number
    if (this.#hasNewest && delivered === this.priorDeliveredBytes && sentMs < this.#newestSentMs) return
    this.#hasNewest = true
    this.priorDeliveredBytes = delivered
    this.#priorMs = ring.deliveredMsAtSend[slot] as number
    this.#sendElapsedMs = sentMs - (ring.firstSentMsAtSend[slot] as number)
    this.#newestSentMs = sentMs
    this.inFlightAtSendBytes = ring.inFlightAtSend[slot] as number
    this.#lostAtSendBytes = ring.lostAtSend[slot] as number
    this.wasAppLimited = ring.isAppLimited[slot] === 1
    this.#firstSentMs = sentMs
  }

  /** All chunks that the current SACK acknowledges were given to `onAcknowledged`. */
  endSack(): void {
    if (this.deliveredBytes > this.#appLimitedUntilBytes) this.#appLimitedUntilBytes = 0
  }

  /** What is in flight now ends a flight that the application or the peer's window kept small. */
  markAppLimited(inFlightBytes: number): void {
    this.#appLimitedUntilBytes = Math.max(1, this.deliveredBytes + inFlightBytes)
  }

  get lostSinceSendBytes(): number {
    return this.lostBytes - this.#lostAtSendBytes
  }

  /** The rate at which the chunks up to the newest one were delivered, 0 when the current SACK does not show it. */
  bytesPerSecond(minRttMs: number): number {
    const intervalMs = Math.max(this.#sendElapsedMs, this.#deliveredMs - this.#priorMs)
    // An interval shorter than a round trip shows how ACKs were compressed, not the bandwidth.
    if (intervalMs <= 0 || intervalMs < minRttMs) return 0
    return ((this.deliveredBytes - this.priorDeliveredBytes) / intervalMs) * 1_000
  }
}
