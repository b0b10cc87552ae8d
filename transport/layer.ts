/** One layer of the stack over the one below it, as in libdatachannel: ICE datagrams, DTLS records, SCTP packets. */
import type { TransportError } from './transport-error.ts'

export interface Layer {
  /**
   * Hands one packet to the layer below. Its bytes are valid only during the call: the next packet is built in the same
   * memory. What cannot leave is lost, as on any network; the call never throws.
   */
  send(packet: Uint8Array): void
  /** From now on every packet that comes from below goes to `take`, which owns its memory. */
  onPacket(take: (packet: Uint8Array) => void): void
  /** Calls back once when a layer below has ended; without `reason` it was an orderly end by the peer. */
  onClosed(take: (reason: TransportError | undefined) => void): void
  /** Frees this layer and those below it. Safe to call twice. */
  close(): void
}
