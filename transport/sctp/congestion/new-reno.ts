/**
 * The seam between an association and its congestion control, and the plain loss-based controller of RFC 9260 section 7.2.
 * A controller hears what was sent, acknowledged and lost, and answers two numbers: a window and a pacing rate.
 */

/**
 * What one SACK told. The association reuses the object: a controller copies what it wants to keep.
 * All byte counts are wire bytes of DATA chunks (header and padding included); times are monotonic milliseconds.
 */
export type AckSample = {
  nowMs: number
  /** Newly acknowledged by this SACK, cumulatively or by a gap block. */
  ackedBytes: number
  /** In flight before and after this SACK and the losses found with it. */
  priorInFlightBytes: number
  inFlightBytes: number
  /** Acknowledged since the association began. */
  deliveredBytes: number
  /** `deliveredBytes` when the newest acknowledged chunk was sent: a round trip has passed once it reaches an earlier `deliveredBytes`. */
  priorDeliveredBytes: number
  /** Delivery rate (draft-cheng-iccrg-delivery-rate-estimation), 0 when this SACK gives none. */
  rateBytesPerSecond: number
  /** The rate sample was taken while the application or the peer's window, not the path, set the pace. */
  isAppLimited: boolean
  /** Newest round-trip sample, 0 when this SACK gives none. */
  rttMs: number
  /** Smallest round trip since the association began, 0 before the first sample. */
  minRttMs: number
  smoothedRttMs: number
  /** In flight just after the newest acknowledged chunk was sent. */
  inFlightAtSendBytes: number
  /** Lost since the newest acknowledged chunk was sent. */
  lostSinceSendBytes: number
  /** The window was the limit when it was last tried: only then may it grow. */
  isWindowLimited: boolean
  /** Everything acknowledged was sent before the last loss episode began. */
  inRecovery: boolean
}

/** Chunks that were found lost together. Reused, like AckSample. */
export type LossSample = {
  nowMs: number
  lostBytes: number
  /** In flight after the lost chunks were taken out. */
  inFlightBytes: number
  /** True for the first loss among what was sent since the last reduction: once a round trip. */
  startsEpisode: boolean
  /** In flight just after the newest of the lost chunks was sent. */
  inFlightAtSendBytes: number
}

/** Decides how much may be in flight and how fast it leaves. Never sees a packet. */
export interface CongestionController {
  readonly name: string
  /** What may be in flight, in bytes. At least one packet, always. */
  readonly windowBytes: number
  /** Bytes a second, or Infinity for no pacing. */
  readonly pacingBytesPerSecond: number
  /** A packet's chunks have left; `inFlightBytes` includes them. */
  onSent(nowMs: number, bytes: number, inFlightBytes: number): void
  onAck(ack: AckSample): void
  onLoss(loss: LossSample): void
  /** The retransmission timer ran out: `inFlightBytes` is what is still believed to be on its way. */
  onTimeout(nowMs: number, inFlightBytes: number): void
  /** Sending starts again after `idleMs` (more than one RTO) with nothing in flight. */
  onIdle(nowMs: number, idleMs: number): void
  /** The path takes packets of another size from now on. */
  setMaxPacketBytes(maxPacketBytes: number): void
}

export type MakeCongestionController = (options: { readonly maxPacketBytes: number }) => CongestionController

/** Initial window in packets (RFC 6928): RFC 9260's 4,380 bytes cost two round trips more on every transfer. */
const INITIAL_WINDOW_PACKETS = 10
const MIN_WINDOW_PACKETS = 2
/** After this much idle time a window says nothing about the path any more (RFC 9260 section 7.2.1). */
const IDLE_WINDOW_PACKETS = INITIAL_WINDOW_PACKETS

/** Slow start, additive increase, halving: RFC 9260 section 7.2 with byte counting (RFC 3465), because SACKs are coalesced. */
class NewReno implements CongestionController {
  readonly name = 'newreno'
  windowBytes: number
  readonly pacingBytesPerSecond = Infinity
  #maxPacketBytes: number
  #slowStartThresholdBytes = Infinity
  #partialBytesAcked = 0

  constructor(maxPacketBytes: number) {
    this.#maxPacketBytes = maxPacketBytes
    this.windowBytes = INITIAL_WINDOW_PACKETS * maxPacketBytes
  }

  onSent(): void {}

  onAck(ack: AckSample): void {
    if (ack.inRecovery || !ack.isWindowLimited) return
    if (this.windowBytes < this.#slowStartThresholdBytes) {
      this.windowBytes += ack.ackedBytes
      return
    }
    this.#partialBytesAcked += ack.ackedBytes
    while (this.#partialBytesAcked >= this.windowBytes) {
      this.#partialBytesAcked -= this.windowBytes
      this.windowBytes += this.#maxPacketBytes
    }
  }

  onLoss(loss: LossSample): void {
    if (!loss.startsEpisode) return
    this.windowBytes = this.#reduced()
    this.#slowStartThresholdBytes = this.windowBytes
    this.#partialBytesAcked = 0
  }

  onTimeout(): void {
    this.#slowStartThresholdBytes = this.#reduced()
    this.windowBytes = this.#maxPacketBytes
    this.#partialBytesAcked = 0
  }

  onIdle(): void {
    this.windowBytes = Math.min(this.windowBytes, IDLE_WINDOW_PACKETS * this.#maxPacketBytes)
  }

  setMaxPacketBytes(maxPacketBytes: number): void {
    this.#maxPacketBytes = maxPacketBytes
    this.windowBytes = Math.max(this.windowBytes, MIN_WINDOW_PACKETS * maxPacketBytes)
  }

  #reduced(): number {
    return Math.max(this.windowBytes / 2, MIN_WINDOW_PACKETS * this.#maxPacketBytes)
  }
}

/** The loss-based controller of RFC 9260. */
export const newReno: MakeCongestionController = ({ maxPacketBytes }) => new NewReno(maxPacketBytes)
