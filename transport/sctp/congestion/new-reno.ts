/**
 * The loss-based controller of RFC 9260 section 7.2: slow start, additive increase, halving. It counts bytes rather than
 * SACKs (RFC 3465), because one SACK may acknowledge many packets.
 */
import type {
  AckEvent,
  CongestionController,
  LossEvent,
  MakeCongestionController,
} from './congestion-controller.ts'

/** RFC 6928. The 4,380 bytes of RFC 9260 would cost every transfer two more round trips. */
const INITIAL_WINDOW_PACKETS = 10
const MIN_WINDOW_PACKETS = 2
/** An idle time makes a larger window obsolete (RFC 9260 section 7.2.1). */
const IDLE_WINDOW_PACKETS = INITIAL_WINDOW_PACKETS

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

  onAck(ack: AckEvent): void {
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

  onLoss(loss: LossEvent): void {
    if (!loss.startsEpisode) return
    this.windowBytes = this.#halvedWindow()
    this.#slowStartThresholdBytes = this.windowBytes
    this.#partialBytesAcked = 0
  }

  onTimeout(): void {
    this.#slowStartThresholdBytes = this.#halvedWindow()
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

  #halvedWindow(): number {
    return Math.max(this.windowBytes / 2, MIN_WINDOW_PACKETS * this.#maxPacketBytes)
  }
}

export const newReno: MakeCongestionController = ({ maxPacketBytes }) => new NewReno(maxPacketBytes)
