/**
 * The seam between an association and its congestion control. A controller is told what was sent, acknowledged and lost, and
 * answers with two numbers: a window and a pacing rate.
 *
 * All byte counts are those of DATA chunks on the wire (header and padding included); times are monotonic milliseconds. The
 * association reuses both event objects: a controller copies what it wants to keep.
 */

/** What one SACK has acknowledged. */
export class AckEvent {
  nowMs = 0
  /** Newly acknowledged by this SACK, cumulatively or by a gap block. */
  ackedBytes = 0
  /** In flight before and after this SACK and the losses found with it. */
  priorInFlightBytes = 0
  inFlightBytes = 0
  /** Acknowledged since the association began. */
  deliveredBytes = 0
  /** `deliveredBytes` when the newest acknowledged chunk was sent: a round trip has passed once it reaches an earlier `deliveredBytes`. */
  priorDeliveredBytes = 0
  /** Delivery rate (draft-cheng-iccrg-delivery-rate-estimation), 0 when this SACK gives none. */
  rateBytesPerSecond = 0
  /** The rate was limited by the application or the peer's window, not by the path. */
  isAppLimited = false
  /** Newest round-trip sample, 0 when this SACK gives none. */
  rttMs = 0
  /** Smallest round trip since the association began, 0 before the first sample. */
  minRttMs = 0
  smoothedRttMs = 0
  /** In flight just after the newest acknowledged chunk was sent. */
  inFlightAtSendBytes = 0
  /** Lost since the newest acknowledged chunk was sent. */
  lostSinceSendBytes = 0
  /** Sending was last limited by the window: only then may it grow. */
  isWindowLimited = false
  /** Everything acknowledged was sent before the last loss episode began. */
  inRecovery = false
}

/** Chunks that were found lost together. */
export class LossEvent {
  nowMs = 0
  lostBytes = 0
  /** In flight without the lost chunks. */
  inFlightBytes = 0
  /** True for the first loss among what was sent since the last reduction: once a round trip. */
  startsEpisode = false
  /** In flight just after the newest of the lost chunks was sent. */
  inFlightAtSendBytes = 0
}

/** Decides how much may be in flight and how fast it leaves. Never sees a packet. */
export interface CongestionController {
  readonly name: string
  /** How much may be in flight, in bytes. Always at least one packet. */
  readonly windowBytes: number
  /** Bytes per second, or Infinity for no pacing. */
  readonly pacingBytesPerSecond: number
  /** A packet's chunks have left; `inFlightBytes` includes them. */
  onSent(nowMs: number, bytes: number, inFlightBytes: number): void
  onAck(ack: AckEvent): void
  onLoss(loss: LossEvent): void
  /** The retransmission timer has expired: `inFlightBytes` is what is still believed to be on its way. */
  onTimeout(nowMs: number, inFlightBytes: number): void
  /** Sending starts again after `idleMs` (more than one RTO) with nothing in flight. */
  onIdle(nowMs: number, idleMs: number): void
  /** Packets have another size from now on. */
  setMaxPacketBytes(maxPacketBytes: number): void
}

export type MakeCongestionController = (options: { readonly maxPacketBytes: number }) => CongestionController
