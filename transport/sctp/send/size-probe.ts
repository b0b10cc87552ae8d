/**
 * A packet of data that is larger than the usual ones, to learn whether the path carries it (RFC 8899 section 4.1). Each of its
 * chunks fits into a usual packet, where it is retransmitted if the large one is lost. Every peer can answer it, because all
 * that it takes is a SACK; some cannot answer a HEARTBEAT with a PAD chunk behind it.
 */
import { PACKET_HEADER_BYTES } from '../wire/packet.ts'
import { add32, isAfter32 } from '../wire/serial-number.ts'

export class SizeProbe {
  /** Size of the whole packet, a multiple of four. */
  packetBytes = 0
  #state: 'idle' | 'waiting' | 'sent' = 'idle'
  #firstTsn = 0
  #lastTsn = 0
  #onResult: (arrived: boolean) => void = () => {}

  /** The next packet that can be filled gets `packetBytes`. One at a time: a probe that is still unanswered counts as lost. */
  request(packetBytes: number, onResult: (arrived: boolean) => void): void {
    this.#end(false)
    this.packetBytes = packetBytes & ~3
    this.#onResult = onResult
    this.#state = 'waiting'
  }

  /** True when the packet about to be filled with new data should be the probe. */
  isDue(queuedBytes: number): boolean {
    return this.#state === 'waiting' && queuedBytes >= this.packetBytes
  }

  /** The largest chunk in it: one that also fits into a usual packet of `maxPacketBytes`. */
  chunkBytes(maxPacketBytes: number): number {
    const bytes = this.packetBytes - PACKET_HEADER_BYTES
    const chunks = Math.ceil(bytes / (maxPacketBytes - PACKET_HEADER_BYTES))
    return (Math.ceil(bytes / chunks) + 3) & ~3
  }

  /** The probe has left with the chunks from `firstTsn` up to but not including `nextTsn`. */
  onSent(firstTsn: number, nextTsn: number): void {
    this.#state = 'sent'
    this.#firstTsn = firstTsn
    this.#lastTsn = add32(nextTsn, -1)
  }

  /** A chunk is retransmitted: if it belongs to the probe, the probe is lost. */
  onRetransmit(tsn: number): void {
    if (this.#state !== 'sent') return
    if (!isAfter32(this.#firstTsn, tsn) && !isAfter32(tsn, this.#lastTsn)) this.#end(false)
  }

  /** Everything before `firstTsn` has been acknowledged. */
  onAcknowledged(firstTsn: number): void {
    if (this.#state === 'sent' && isAfter32(firstTsn, this.#lastTsn)) this.#end(true)
  }

  #end(arrived: boolean): void {
    if (this.#state === 'idle') return
    this.#state = 'idle'
    this.#onResult(arrived)
  }
}
