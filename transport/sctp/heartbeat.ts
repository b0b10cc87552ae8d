/** HEARTBEAT (RFC 9260 section 8.3): asks an idle peer whether it is there, and large packets whether they arrive (RFC 8899). */
import { TransportError } from '../transport-error.ts'
import { readUint16 } from './wire/bytes.ts'
import type { Control } from './control-plane.ts'
import { Deadline } from './timers.ts'
import { CHUNK_HEADER_BYTES, Chunk } from './wire/packet.ts'

const INTERVAL_MS = 15_000
/** Association.Max.Retrans (section 16): unanswered heartbeats in a row after which the peer counts as gone. */
const MAX_MISSES = 10
const NONCE_BYTES = 8
/** Heartbeat Info parameter (section 3.3.5): [type 1:2][length 12:2][nonce:8] */
const INFO_TYPE = 1
const INFO_BYTES = 4 + NONCE_BYTES

export class Heartbeat {
  readonly #control: Control
  readonly #onAnswer: (rttMs: number) => void
  readonly #idle: Deadline
  readonly #probeTimer: Deadline
  #wasHeard = false
  #misses = 0
  #pending: { readonly nonce: Uint8Array; readonly sentMs: number } | undefined
  #probe: { readonly nonce: Uint8Array; readonly onResult: (arrived: boolean) => void } | undefined

  constructor(control: Control, onAnswer: (rttMs: number) => void) {
    this.#control = control
    this.#onAnswer = onAnswer
    this.#idle = new Deadline(control.host, () => this.#onIdle())
    this.#probeTimer = new Deadline(control.host, () => this.#endProbe(false))
  }

  start(): void {
    this.#idle.set(this.#control.host.now() + INTERVAL_MS)
  }

  stop(): void {
    this.#idle.stop()
    this.#probeTimer.stop()
    this.#endProbe(false)
  }

  /** Anything from the peer shows that it is there. */
  onHeard(): void {
    this.#wasHeard = true
  }

  /** Sends a packet of `packetBytes` (rounded down to four) and reports whether it was answered within a time-out. One at a time. */
  probePath(packetBytes: number, onResult: (arrived: boolean) => void): void {
    this.#endProbe(false)
    const nonce = this.#control.host.random(NONCE_BYTES)
    this.#probe = { nonce, onResult }
    this.#probeTimer.set(this.#control.host.now() + this.#control.timeoutMs(0))
    this.#control.sendPadded(Chunk.heartbeat, info(nonce), packetBytes & ~3)
  }

  /** Answers with the same value. */
  onHeartbeat(packet: Uint8Array, at: number, length: number): void {
    this.#control.sendChunk(Chunk.heartbeatAck, packet.subarray(at + CHUNK_HEADER_BYTES, at + length))
  }

  onHeartbeatAck(packet: Uint8Array, at: number, length: number): void {
    const value = at + CHUNK_HEADER_BYTES
    if (length !== CHUNK_HEADER_BYTES + INFO_BYTES || readUint16(packet, value) !== INFO_TYPE) return
    const nonce = packet.subarray(value + 4, value + INFO_BYTES)
    if (this.#probe !== undefined && Buffer.compare(nonce, this.#probe.nonce) === 0) this.#endProbe(true)
    const pending = this.#pending
    if (pending === undefined || Buffer.compare(nonce, pending.nonce) !== 0) return
    this.#pending = undefined
    this.#onAnswer(this.#control.host.now() - pending.sentMs)
  }

  #onIdle(): void {
    const now = this.#control.host.now()
    if (this.#wasHeard) {
      this.#wasHeard = false
      this.#misses = 0
      this.#idle.set(now + INTERVAL_MS)
      return
    }
    if (this.#misses++ >= MAX_MISSES) {
      this.#control.fail(new TransportError('interrupted', 'the peer does not answer heartbeats'))
      return
    }
    const nonce = this.#control.host.random(NONCE_BYTES)
    this.#pending = { nonce, sentMs: now }
    this.#control.sendChunk(Chunk.heartbeat, info(nonce))
    this.#idle.set(now + this.#control.timeoutMs(this.#misses))
  }

  #endProbe(arrived: boolean): void {
    const probe = this.#probe
    this.#probe = undefined
    this.#probeTimer.clear()
    probe?.onResult(arrived)
  }
}

function info(nonce: Uint8Array): Buffer {
  const bytes = Buffer.alloc(INFO_BYTES)
  bytes.writeUInt16BE(INFO_TYPE, 0)
  bytes.writeUInt16BE(INFO_BYTES, 2)
  bytes.set(nonce, 4)
  return bytes
}
