/** What the parts of an association that send control chunks (handshake, heartbeat, stream reset, shutdown) are given. */
import type { TransportError } from '../transport-error.ts'
import type { Host } from './association-options.ts'

export interface Control {
  readonly host: Host
  /** Sends one chunk in a packet of its own, at once. `tag` is the peer's unless given. */
  sendChunk(type: number, value: Uint8Array, flags?: number, tag?: number): void
  /** Sends one chunk and a PAD chunk (RFC 4820) in a packet of `packetBytes`, a multiple of four. */
  sendPadded(type: number, value: Uint8Array, packetBytes: number): void
  /** The retransmission time-out after `backOff` expiries. */
  timeoutMs(backOff: number): number
  /** Ends the association; with `cause` the peer is told by an ABORT of that cause. */
  fail(reason: TransportError, cause?: number): void
}

/** Causes in ERROR and ABORT chunks (RFC 9260 section 3.3.10). */
export const Cause = {
  invalidStream: 1,
  staleCookie: 3,
  unrecognizedChunk: 6,
  noUserData: 9,
  userAbort: 12,
  protocolViolation: 13,
} as const

/** cause = [code:2][length:2, header included][value][padding] */
export function encodeCause(code: number, value: Uint8Array): Buffer {
  const cause = Buffer.alloc((4 + value.length + 3) & ~3)
  cause.writeUInt16BE(code, 0)
  cause.writeUInt16BE(4 + value.length, 2)
  cause.set(value, 4)
  return cause
}

/** The code of the first cause in the ERROR or ABORT chunk at `at`, 0 when there is none. */
export function firstCause(packet: Uint8Array, at: number, length: number): number {
  return length < 8 ? 0 : ((packet[at + 4] as number) << 8) | (packet[at + 5] as number)
}
