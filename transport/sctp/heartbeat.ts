/** HEARTBEAT: checks that an idle peer is still there (RFC 9260 section 8.3), and which packet sizes reach it (RFC 8899). */
import { TransportError } from '../transport-error.ts'
import type { ControlPlane } from './control-plane.ts'
import { HEARTBEAT_INTERVAL_MS, MAX_RETRANSMISSIONS, Timer } from './timers.ts'
import { encodeHeartbeat, encodeHeartbeatAck, HEARTBEAT_NONCE_BYTES } from './wire/heartbeat-chunk.ts'

export class Heartbeat {
  readonly #control: ControlPlane
  readonly #onAnswer: (rttMs: number) => void
  /** A packet has come since the timer was set. */
  #wasHeard = false
  #unanswered = 0
  #pending: { readonly nonce: Uint8Array; readonly sentMs: number } | undefined
  #pathProbe: { readonly nonce: Uint8Array; readonly onResult: (arrived: boolean) => void } | undefined

  constructor(control: ControlPlane, onAnswer: (rttMs: number) => void) {
    this.#control = control
    this.#onAnswer = onAnswer
    control.timers.onExpiry(Timer.heartbeat, () => this.#onTimer())
    control.timers.onExpiry(Timer.pathProbe, () => this.#endPathProbe(false))
  }

  start(): void {
    const { runtime, timers } = this.#control
    timers.set(Timer.heartbeat, runtime.now() + HEARTBEAT_INTERVAL_MS)
  }

  stop(): void {
    this.#endPathProbe(false)
  }

  /** Any packet from the peer shows that it is there. */
  onHeard(): void {
    this.#wasHeard = true
  }

  /**
   * Sends a packet of `packetBytes` (rounded down to a multiple of four) and reports whether it was answered within RTO.
   * One at a time: a probe that is still unanswered counts as lost.
   */
  probePath(packetBytes: number, onResult: (arrived: boolean) => void): void {
    const control = this.#control
    this.#endPathProbe(false)
    const nonce = control.runtime.randomBytes(HEARTBEAT_NONCE_BYTES)
    this.#pathProbe = { nonce, onResult }
    control.timers.set(Timer.pathProbe, control.runtime.now() + control.retransmissionTimeoutMs(0))
    control.sendPadded(encodeHeartbeat(nonce), packetBytes & ~3)
  }

  onHeartbeat(value: Uint8Array): void {
    this.#control.sendChunk(encodeHeartbeatAck(value))
  }

  /** `nonce` is undefined when the answer is to no HEARTBEAT from this side. */
  onHeartbeatAck(nonce: Uint8Array | undefined): void {
    if (nonce === undefined) return
    if (this.#pathProbe !== undefined && Buffer.compare(nonce, this.#pathProbe.nonce) === 0)
      this.#endPathProbe(true)
    const pending = this.#pending
    if (pending === undefined || Buffer.compare(nonce, pending.nonce) !== 0) return
    this.#pending = undefined
    this.#onAnswer(this.#control.runtime.now() - pending.sentMs)
  }

  #onTimer(): void {
    const control = this.#control
    const nowMs = control.runtime.now()
    if (this.#wasHeard) {
      this.#wasHeard = false
      this.#unanswered = 0
      control.timers.set(Timer.heartbeat, nowMs + HEARTBEAT_INTERVAL_MS)
      return
    }
    if (this.#unanswered++ >= MAX_RETRANSMISSIONS) {
      control.fail(new TransportError('interrupted', 'the peer does not answer heartbeats'))
      return
    }
    const nonce = control.runtime.randomBytes(HEARTBEAT_NONCE_BYTES)
    this.#pending = { nonce, sentMs: nowMs }
    control.sendChunk(encodeHeartbeat(nonce))
    control.timers.set(Timer.heartbeat, nowMs + control.retransmissionTimeoutMs(this.#unanswered))
  }

  #endPathProbe(arrived: boolean): void {
    const probe = this.#pathProbe
    this.#pathProbe = undefined
    this.#control.timers.clear(Timer.pathProbe)
    probe?.onResult(arrived)
  }
}
