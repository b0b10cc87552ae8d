/** Delivery-rate samples as draft-cheng-iccrg-delivery-rate-estimation describes them: what rate-based controllers live on. */
import type { AckSample } from './new-reno.ts'
import type { Outstanding } from '../send/outstanding-chunks.ts'

export class DeliveryRate {
  /** Wire bytes acknowledged and lost since the association began. */
  deliveredBytes = 0
  lostBytes = 0
  #deliveredMs = 0
  #firstSentMs = 0
  /** `deliveredBytes` at which the last app-limited flight has passed; 0 when the path sets the pace. */
  #appLimitedUntil = 0

  // The newest acknowledged chunk of the SACK at hand.
  #hasSample = false
  #priorDelivered = 0
  #priorMs = 0
  #sendElapsedMs = 0
  #newestSentMs = 0
  #inFlightAtSend = 0
  #lostAtSend = 0
  #wasAppLimited = false

  /** `slot` leaves now; `inFlightBytes` does not include it yet. */
  onSent(ring: Outstanding, slot: number, nowMs: number, inFlightBytes: number, size: number): void {
    if (inFlightBytes === 0) {
      this.#firstSentMs = nowMs
      this.#deliveredMs = nowMs
    }
    ring.firstSentMsAtSend[slot] = this.#firstSentMs
    ring.deliveredMsAtSend[slot] = this.#deliveredMs
    ring.deliveredAtSend[slot] = this.deliveredBytes
    ring.isAppLimited[slot] = this.#appLimitedUntil === 0 ? 0 : 1
    ring.inFlightAtSend[slot] = inFlightBytes + size
    ring.lostAtSend[slot] = this.lostBytes
  }

  beginSack(): void {
    this.#hasSample = false
  }

  onAcknowledged(ring: Outstanding, slot: number, nowMs: number, size: number): void {
    this.deliveredBytes += size
    this.#deliveredMs = nowMs
    const delivered = ring.deliveredAtSend[slot] as number
    if (this.#hasSample && delivered < this.#priorDelivered) return
    const sentMs = ring.sentMs[slot] as number
    if (this.#hasSample && delivered === this.#priorDelivered && sentMs < this.#newestSentMs) return
    this.#hasSample = true
    this.#priorDelivered = delivered
    this.#priorMs = ring.deliveredMsAtSend[slot] as number
    this.#sendElapsedMs = sentMs - (ring.firstSentMsAtSend[slot] as number)
    this.#newestSentMs = sentMs
    this.#inFlightAtSend = ring.inFlightAtSend[slot] as number
    this.#lostAtSend = ring.lostAtSend[slot] as number
    this.#wasAppLimited = ring.isAppLimited[slot] === 1
    this.#firstSentMs = sentMs
  }

  /** What is in flight now ends a flight that the application or the peer's window kept small. */
  markAppLimited(inFlightBytes: number): void {
    this.#appLimitedUntil = Math.max(1, this.deliveredBytes + inFlightBytes)
  }

  /** Fills in the rate fields once all chunks of a SACK are acknowledged. */
  finishSack(sample: AckSample, minRttMs: number): void {
    if (this.#appLimitedUntil !== 0 && this.deliveredBytes > this.#appLimitedUntil) this.#appLimitedUntil = 0
    sample.deliveredBytes = this.deliveredBytes
    sample.rateBytesPerSecond = 0
    if (!this.#hasSample) return
    sample.priorDeliveredBytes = this.#priorDelivered
    sample.isAppLimited = this.#wasAppLimited
    sample.inFlightAtSendBytes = this.#inFlightAtSend
    sample.lostSinceSendBytes = this.lostBytes - this.#lostAtSend
    const intervalMs = Math.max(this.#sendElapsedMs, this.#deliveredMs - this.#priorMs)
    // Anything shorter than a round trip is compression of ACKs, not bandwidth.
    if (intervalMs <= 0 || intervalMs < minRttMs) return
    sample.rateBytesPerSecond = ((this.deliveredBytes - this.#priorDelivered) / intervalMs) * 1_000
  }
}
