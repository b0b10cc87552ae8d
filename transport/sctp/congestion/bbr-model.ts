/**
 * What the rate-based controller believes of the path: bottleneck bandwidth, round-trip propagation time, how bursty
 * acknowledgements are, and whether losses mean a full queue. Filters follow draft-ietf-ccwg-bbr sections 5.5 and 5.6.
 */
import type { AckSample, LossSample } from './new-reno.ts'

/** How long a minimum round trip is believed (draft section 2.7, MinRTTFilterLen). */
const MIN_RTT_WINDOW_MS = 10_000
/** Rounds over which the largest aggregation of acknowledgements is remembered. */
const EXTRA_ACKED_ROUNDS = 10
/** Share of a round's bytes that must be lost before the round counts as lossy (draft section 2.7, LossThresh). */
const LOSS_THRESHOLD = 0.02
/** A round trip this much above the propagation time, and by this many milliseconds, shows a standing queue. */
const QUEUE_RTT_FACTOR = 1.15
const QUEUE_RTT_SLACK_MS = 2

export class PathModel {
  /** Smallest round trip of the last ten seconds, 0 before the first sample. */
  minRttMs = 0
  minRttStampMs = 0
  /** Counts round trips; `roundStarted` is true during the ACK that began one. */
  rounds = 0
  roundStarted = false
  /** Largest delivery rate and delivered volume of the round that just ended. */
  bandwidthLatest = 0
  inFlightLatestBytes = 0
  /** What the round that just ended lost while a queue stood. */
  priorRoundLostBytes = 0
  /** True when the round that just ended lost more than the threshold while a queue stood. */
  roundWasCongested = false

  #cycleBandwidths: [number, number] = [0, 0]
  #nextRoundDeliveredBytes = 0
  #roundStartDeliveredBytes = 0
  #roundBandwidth = 0
  #roundLostBytes = 0
  /** Smallest round trip of this round so far, Infinity before its first sample, and of the one before. */
  #roundRttMs = Infinity
  #priorRoundRttMs = 0
  #extraAcked = new Float64Array(EXTRA_ACKED_ROUNDS)
  #epochStartMs = 0
  #epochAckedBytes = 0

  /** Largest delivery rate of this and the previous probing cycle, bytes a second. */
  get maxBandwidth(): number {
    return Math.max(this.#cycleBandwidths[0], this.#cycleBandwidths[1])
  }

  /** Largest excess of one burst of acknowledgements over the steady rate, in bytes. */
  get extraAckedBytes(): number {
    return this.#extraAcked.reduce((largest, bytes) => Math.max(largest, bytes), 0)
  }

  /** True while a queue stands in front of the bottleneck. One late packet is none: machines and radio links hesitate too. */
  get hasQueue(): boolean {
    const smallestMs = this.#roundRttMs < Infinity ? this.#roundRttMs : this.#priorRoundRttMs
    return this.minRttMs > 0 && smallestMs > this.minRttMs * QUEUE_RTT_FACTOR + QUEUE_RTT_SLACK_MS
  }

  onAck(ack: AckSample): void {
    this.#updateRound(ack)
    this.#updateMinRtt(ack)
    this.#updateBandwidth(ack)
    this.#updateExtraAcked(ack)
  }

  /**
   * Losses count as congestion only while a queue stands: on a noisy link packets vanish at any queue length, and a sender that slows
   * down for them gives its share away for nothing; a full queue both delays and drops.
   */
  onLoss(loss: LossSample): void {
    if (this.hasQueue) this.#roundLostBytes += loss.lostBytes
  }

  /** True when this round has already lost more than the threshold into a standing queue. */
  get roundIsCongested(): boolean {
    return (
      this.#roundLostBytes >
      LOSS_THRESHOLD * Math.max(this.inFlightLatestBytes, this.#roundBandwidth * this.minRttMs * 1e-3)
    )
  }

  /** A new probing cycle: the bandwidth of two cycles ago is forgotten. */
  advanceCycle(): void {
    this.#cycleBandwidths = [this.#cycleBandwidths[1], 0]
  }

  /** Starts counting a round now, so that what was in flight before does not end it. */
  restartRound(deliveredBytes: number): void {
    this.#nextRoundDeliveredBytes = deliveredBytes
  }

  #updateRound(ack: AckSample): void {
    this.roundStarted = ack.priorDeliveredBytes >= this.#nextRoundDeliveredBytes
    if (!this.roundStarted) return
    this.rounds++
    this.roundWasCongested = this.roundIsCongested
    this.bandwidthLatest = this.#roundBandwidth
    this.inFlightLatestBytes = ack.deliveredBytes - this.#roundStartDeliveredBytes
    this.#roundStartDeliveredBytes = ack.deliveredBytes
    this.#nextRoundDeliveredBytes = ack.deliveredBytes
    this.#roundBandwidth = 0
    this.priorRoundLostBytes = this.#roundLostBytes
    this.#roundLostBytes = 0
    if (this.#roundRttMs < Infinity) this.#priorRoundRttMs = this.#roundRttMs
    this.#roundRttMs = Infinity
    this.#extraAcked[this.rounds % EXTRA_ACKED_ROUNDS] = 0
  }

  #updateMinRtt(ack: AckSample): void {
    if (ack.rttMs <= 0) return
    this.#roundRttMs = Math.min(this.#roundRttMs, ack.rttMs)
    const isExpired = ack.nowMs - this.minRttStampMs > MIN_RTT_WINDOW_MS
    if (this.minRttMs > 0 && ack.rttMs > this.minRttMs && !isExpired) return
    this.minRttMs = ack.rttMs
    this.minRttStampMs = ack.nowMs
  }

  #updateBandwidth(ack: AckSample): void {
    const rate = ack.rateBytesPerSecond
    this.#roundBandwidth = Math.max(this.#roundBandwidth, rate)
    if (ack.isAppLimited && rate < this.maxBandwidth) return
    this.#cycleBandwidths[1] = Math.max(this.#cycleBandwidths[1], rate)
  }

  /** Section 5.5.9 of the draft: what arrived beyond the rate since the epoch began must still find window. */
  #updateExtraAcked(ack: AckSample): void {
    const expected = (this.maxBandwidth * (ack.nowMs - this.#epochStartMs)) / 1000
    if (this.#epochAckedBytes <= expected) {
      this.#epochAckedBytes = 0
      this.#epochStartMs = ack.nowMs
    }
    this.#epochAckedBytes += ack.ackedBytes
    const elapsedSeconds = (ack.nowMs - this.#epochStartMs) / 1000
    const extra = Math.min(this.#epochAckedBytes - this.maxBandwidth * elapsedSeconds, ack.priorInFlightBytes)
    const slot = this.rounds % EXTRA_ACKED_ROUNDS
    this.#extraAcked[slot] = Math.max(this.#extraAcked[slot] ?? 0, extra)
  }
}
