/** What an association is given, the states it goes through, and the events it reports. */
import type { Layer } from '../layer.ts'
import type { TransportError } from '../transport-error.ts'
import type { MakeCongestionController } from './congestion/congestion-controller.ts'
import type { Runtime } from './runtime.ts'
import type { TraceSink } from './trace.ts'

/** `closed` is an orderly end (SHUTDOWN by either side, or this side's `abort`); `failed` is any other and has a reason. */
export type AssociationState = 'new' | 'connecting' | 'open' | 'closing' | 'closed' | 'failed'

export interface AssociationEvents {
  onState(state: AssociationState, reason: TransportError | undefined): void
  /**
   * A whole message; the application owns `payload`. It counts against the receive window until `consumed` is
   * called with its length. An empty message (DCEP's empty PPIDs) is handed on as its one padding byte.
   */
  onMessage(streamId: number, ppid: number, payload: Uint8Array): void
  /** `bufferedBytes` has fallen to `roomBytes` or below, after `send` had raised it above. */
  onRoom(): void
  /** The peer has reset its outgoing streams (RFC 6525), all of them when none is named. What it sends on them next is new. */
  onStreamsReset(streamIds: readonly number[]): void
  /** This side's reset of these outgoing streams is confirmed, or refused by the peer. */
  onResetDone(streamIds: readonly number[], performed: boolean): void
}

export type AssociationOptions = {
  /** Carries the packets: DTLS, or a simulated network. The association never closes it. */
  readonly lower: Layer
  readonly runtime: Runtime
  readonly events: AssociationEvents
  /** Both default to 5000, the port that every WebRTC stack announces (RFC 8841). */
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
  /** First TSN to send; random when absent. Tests choose it close to where serial numbers wrap around. */
  readonly initialTsn?: number
  /** Offer RFC 9653: DTLS protects the packets, so their CRC32c need not be computed. True when absent. */
  readonly zeroChecksum?: boolean
  readonly congestion: MakeCongestionController
  /** Chunks that may be outstanding, a power of two up to 65,536; 16,384 when absent, enough for a 16 MiB window. */
  readonly ringChunks?: number
  /** Gets every event of trace.ts. */
  readonly trace?: TraceSink
}
