/** What an association is given and what it reports: everything outside (packets, time, chance) is handed in. */
import type { TransportError } from '../transport-error.ts'
import type { MakeCongestionController } from './congestion/new-reno.ts'

/** The world around an association. */
export interface Host {
  /** One SCTP packet for the peer. Its bytes are valid only during the call: the next packet is built in the same memory. */
  sendPacket(packet: Uint8Array): void
  /** Monotonic milliseconds, with fractions. */
  now(): number
  /** Calls back once after `delayMs`; returns the cancellation. */
  setTimer(delayMs: number, call: () => void): () => void
  /** Calls back at the end of this event-loop turn (setImmediate): SACKs and data of one turn leave together. */
  defer(call: () => void): void
  /** Unpredictable bytes. */
  random(length: number): Uint8Array
}

/** `closed` is an orderly end (SHUTDOWN by either side, or `abort` by us); `failed` is anything else and carries its reason. */
export type AssociationState = 'new' | 'connecting' | 'open' | 'closing' | 'closed' | 'failed'

export interface AssociationEvents {
  onState(state: AssociationState, reason: TransportError | undefined): void
  /**
   * A whole message; the application owns `payload`. It counts against the receive window until `consumed` is
   * called with its length. An empty message (DCEP's empty PPIDs) is handed on as its one padding byte.
   */
  onMessage(streamId: number, ppid: number, payload: Uint8Array): void
  /** `bufferedBytes` has fallen to `roomBytes` or below, after `send` had lifted it above. */
  onRoom(): void
  /** The peer has reset its outgoing streams (RFC 6525), all when none is named: nothing more comes on them until they are used afresh. */
  onStreamsReset(streamIds: readonly number[]): void
  /** Our own reset of these outgoing streams is confirmed, or refused by the peer. */
  onResetDone(streamIds: readonly number[], performed: boolean): void
}

export type AssociationOptions = {
  readonly host: Host
  readonly events: AssociationEvents
  /** Both default to 5000, the port every WebRTC stack announces (RFC 8841). */
  readonly localPort?: number
  readonly remotePort?: number
  /** Largest SCTP packet in bytes, common header included: what is left of a datagram after DTLS. */
  readonly maxPacketBytes: number
  /** Largest message accepted from the peer, in bytes. A longer one ends the association. */
  readonly maxMessageBytes: number
  /** Receive window in bytes; raised to hold one whole message besides what the application has not consumed. */
  readonly receiveWindowBytes: number
  /** `onRoom` threshold; 1 MiB when absent. */
  readonly roomBytes?: number
  /** First TSN to send; random when absent. Tests set it beside the edges of the number circle. */
  readonly initialTsn?: number
  /** Offer RFC 9653: the packets are protected by DTLS, so their CRC32c need not be computed. True when absent. */
  readonly zeroChecksum?: boolean
  readonly congestion: MakeCongestionController
  /** Chunks that may be outstanding, a power of two up to 65,536; 16,384 when absent, enough for a 16 MiB window. */
  readonly ringChunks?: number
}

/** Counters since the association began, and its present measures. */
export type AssociationStats = {
  packetsSent: number
  packetsReceived: number
  /** Packets dropped unread: malformed, wrong checksum, wrong tag or ports. */
  packetsRefused: number
  chunksSent: number
  chunksRetransmitted: number
  sacksSent: number
  timeouts: number
  tailLossProbes: number
  duplicatesReceived: number
  messagesSent: number
  messagesReceived: number
  smoothedRttMs: number
  minRttMs: number
  windowBytes: number
  pacingBytesPerSecond: number
  inFlightBytes: number
  peerWindowBytes: number
  deliveredBytes: number
  lostBytes: number
  maxPacketBytes: number
  /** True once packets leave with a zero checksum. */
  zeroChecksum: boolean
}
