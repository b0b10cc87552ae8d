/**
 * A packet of data that is larger than those in use, to learn whether the path takes it (RFC 8899 section 4.1). Each of its
 * chunks fits an ordinary packet, and goes there when the large one is lost. Every stack can answer it: unlike a HEARTBEAT
 * with padding it needs nothing of the peer but SACKs.
 */
import { PACKET_HEADER_BYTES } from '../wire/packet.ts'
import { isAfter32 } from '../wire/serial-number.ts'

export class SizeProbe {
  /** Of the whole packet, a multiple of four. */
  packetBytes = 0
  #state: 'idle' | 'waiting' | 'sent' = 'idle'
  #firstTsn = 0
  #lastTsn = 0
  #onResult: (arrived: boolean) => void = () => {}

  /** Has the next packet that can be filled be of `packetBytes`. One at a time: a former probe counts as lost. */
  want(packetBytes: number, onResult: (arrived: boolean) => void): void {
    this.#end(false)
    this.packetBytes = packetBytes & ~3
    this.#onResult = onResult
    this.#state = 'waiting'
  }

  /** True when the packet about to be filled with new data is to be the probe. */
  isDue(queuedBytes: number): boolean {
    return this.#state === 'waiting' && queuedBytes >= this.packetBytes
  }

  /** What a chunk of it may take, so that it fits an ordinary packet of `maxPacketBytes`. */
  chunkBytes(maxPacketBytes: number): number {
    const bytes = this.packetBytes - PACKET_HEADER_BYTES
    const chunks = Math.ceil(bytes / (maxPacketBytes - PACKET_HEADER_BYTES))
    return (Math.ceil(bytes / chunks) + 3) & ~3
  }

  /** The probe has left with the chunks from `firstTsn` up to and without `nextTsn`. */
  onSent(firstTsn: number, nextTsn: number): void {
    this.#state = 'sent'
    this.#firstTsn = firstTsn
    this.#lastTsn = (nextTsn - 1) >>> 0
  }

  /** A chunk is sent once more: if it was the probe's, that is lost. */
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
