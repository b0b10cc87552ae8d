/** Tells the congestion controller what happened. Its two events are built here only, by `#ackEvent` and `#lossEvent`. */
import {
  AckEvent,
  type CongestionController,
  LossEvent,
  type MakeCongestionController,
} from '../congestion/congestion-controller.ts'
import type { DeliveryRate } from '../congestion/delivery-rate.ts'
import type { Tracer } from '../trace.ts'
import type { Acknowledgements } from './acknowledgements.ts'
import type { LossRecovery } from './loss-recovery.ts'
import type { OutstandingChunks } from './outstanding-chunks.ts'
import type { RoundTrip } from './round-trip.ts'

export type CongestionFeedbackParts = {
  readonly ring: OutstandingChunks
  readonly rate: DeliveryRate
  readonly roundTrip: RoundTrip
  readonly recovery: LossRecovery
  readonly acknowledgements: Acknowledgements
}

export class CongestionFeedback {
  controller: CongestionController
  /** Sending was last limited by the window. */
  isWindowLimited = false
  tracer: Tracer | undefined
  readonly #parts: CongestionFeedbackParts
  // One of each is reused: there may be a SACK for every packet.
  readonly #ack = new AckEvent()
  readonly #loss = new LossEvent()

  constructor(parts: CongestionFeedbackParts, controller: CongestionController) {
    this.#parts = parts
    this.controller = controller
  }

  onSent(nowMs: number, bytes: number): void {
    this.controller.onSent(nowMs, bytes, this.#parts.ring.inFlightBytes)
  }

  /** The current SACK has acknowledged something, and losses were looked for. */
  onAck(nowMs: number): void {
    this.controller.onAck(this.#ackEvent(nowMs))
    this.tracer?.controller()
  }

  /** `recovery` has just found losses. */
  onLoss(nowMs: number): void {
    this.controller.onLoss(this.#lossEvent(nowMs))
    this.tracer?.controller()
  }

  onTimeout(nowMs: number): void {
    this.controller.onTimeout(nowMs, this.#parts.ring.inFlightBytes)
    this.tracer?.controller()
  }

  onIdle(nowMs: number, idleMs: number): void {
    this.controller.onIdle(nowMs, idleMs)
    this.tracer?.controller()
  }

  setMaxPacketBytes(maxPacketBytes: number): void {
    this.controller.setMaxPacketBytes(maxPacketBytes)
    this.tracer?.controller()
  }

  /** Starts again with another controller. */
  restart(make: MakeCongestionController, maxPacketBytes: number): void {
    this.controller = make({ maxPacketBytes })
    this.tracer?.controller()
  }

  #ackEvent(nowMs: number): AckEvent {
    const { ring, rate, roundTrip, recovery, acknowledgements } = this.#parts
    const ack = this.#ack
    ack.nowMs = nowMs
    ack.ackedBytes = acknowledgements.ackedBytes
    ack.priorInFlightBytes = acknowledgements.priorInFlightBytes
    ack.inFlightBytes = ring.inFlightBytes
    ack.deliveredBytes = rate.deliveredBytes
    ack.priorDeliveredBytes = rate.priorDeliveredBytes
    ack.rateBytesPerSecond = rate.bytesPerSecond(roundTrip.minMs)
    ack.isAppLimited = rate.wasAppLimited
    ack.rttMs = acknowledgements.rttMs
    ack.minRttMs = roundTrip.minMs
    ack.smoothedRttMs = roundTrip.smoothedMs
    ack.inFlightAtSendBytes = rate.inFlightAtSendBytes
    ack.lostSinceSendBytes = rate.lostSinceSendBytes
    ack.isWindowLimited = this.isWindowLimited
    ack.inRecovery = acknowledgements.newestSentMs <= recovery.episodeMs
    return ack
  }

  #lossEvent(nowMs: number): LossEvent {
    const { ring, recovery } = this.#parts
    const loss = this.#loss
    loss.nowMs = nowMs
    loss.lostBytes = recovery.foundBytes
    loss.inFlightBytes = ring.inFlightBytes
    loss.startsEpisode = recovery.foundStartsEpisode
    loss.inFlightAtSendBytes = recovery.foundInFlightAtSendBytes
    return loss
  }
}
