/** What the control procedures of an association (handshake, heartbeat, shutdown, stream reset) act through. */
import type { TransportError } from '../transport-error.ts'
import type { Runtime } from './runtime.ts'
import type { Timers } from './timers.ts'
import type { ControlChunk } from './wire/packet.ts'

export interface ControlPlane {
  readonly runtime: Runtime
  readonly timers: Timers
  /** Sends one chunk in a packet of its own, at once. `tag` is the peer's unless given. */
  sendChunk(chunk: ControlChunk, tag?: number): void
  /** Sends one chunk in a packet padded to `packetBytes`, a multiple of four. */
  sendPadded(chunk: ControlChunk, packetBytes: number): void
  /** RTO after `expiries` expiries in a row, in milliseconds. */
  retransmissionTimeoutMs(expiries: number): number
  /** Ends the association; with `cause` the peer is sent an ABORT with that cause. */
  fail(reason: TransportError, cause?: number): void
}
