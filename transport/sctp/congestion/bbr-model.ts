/**
 * BBR's model of the path: bottleneck bandwidth, round-trip propagation time, how bursty acknowledgements are, and whether
 * losses mean a full queue. The filters follow draft-ietf-ccwg-bbr sections 5.5 and 5.6.
 */
import type { AckEvent, LossEvent } from './congestion-controller.ts'

/** How long a minimum round trip stays valid (draft section 2.7, MinRTTFilterLen). */
const MIN_RTT_WINDOW_MS = 10_000
/** Rounds over which the largest aggregation of acknowledgements is remembered. */
const EXTRA_ACKED_ROUNDS = 10
/** Share of a round's bytes that must be lost before the round counts as lossy (draft section 2.7, LossThresh). */
const LOSS_THRESHOLD = 0.02
/** A round trip that exceeds the propagation time by this factor and this many milliseconds shows a standing queue. */
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
  /** What the round that just ended lost while there was a queue. */
  priorRoundLostBytes = 0
  /** True when the round that just ended lost more than the threshold while there was a queue. */
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

  /** True while there is a queue at the bottleneck. One late packet is no proof: a busy machine or a radio link delays packets too. */
  get hasQueue(): boolean {
    const smallestMs = this.#roundRttMs < Infinity ? this.#roundRttMs : this.#priorRoundRttMs
    return this.minRttMs > 0 && smallestMs > this.minRttMs * QUEUE_RTT_FACTOR + QUEUE_RTT_SLACK_MS
  }

  onAck(ack: AckEvent): void {
    this.#updateRound(ack)
    this.#updateMinRtt(ack)
    this.#updateBandwidth(ack)
    this.#updateExtraAcked(ack)
  }

  /**
   * Losses count as congestion only while there is a queue: a full queue both delays and drops. A noisy link loses packets at
   * any queue length, and slowing down for those would give bandwidth away for nothing.
   */
  onLoss(loss: LossEvent): void {
    if (this.hasQueue) this.#roundLostBytes += loss.lostBytes
  }

  /** True when this round has already lost more than the threshold while there was a queue. */
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

  /** Begins a round now: what was sent before does not end it. */
  restartRound(deliveredBytes: number): void {
    this.#nextRoundDeliveredBytes = deliveredBytes
  }

  #updateRound(ack: AckEvent): void {
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

  #updateMinRtt(ack: AckEvent): void {
    if (ack.rttMs <= 0) return
    this.#roundRttMs = Math.min(this.#roundRttMs, ack.rttMs)
    const isExpired = ack.nowMs - this.minRttStampMs > MIN_RTT_WINDOW_MS
    if (this.minRttMs > 0 && ack.rttMs > this.minRttMs && !isExpired) return
    this.minRttMs = ack.rttMs
    this.minRttStampMs = ack.nowMs
  }

  #updateBandwidth(ack: AckEvent): void {
    const rate = ack.rateBytesPerSecond
    this.#roundBandwidth = Math.max(this.#roundBandwidth, rate)
    if (ack.isAppLimited && rate < this.maxBandwidth) return
    this.#cycleBandwidths[1] = Math.max(this.#cycleBandwidths[1], rate)
  }

  /** Section 5.5.9 of the draft: the window must allow for what arrived in excess of the rate since the epoch began. */
  #updateExtraAcked(ack: AckEvent): void {
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
