/** The receiving half of an association: holds chunks that arrive out of order, delivers those in order, and reports both in SACKs. */
import { DataChunk, decodeData, retainData, retainedTsn } from '../wire/data-chunk.ts'
import { encodeSack, Sack, sackEntriesIn } from '../wire/sack-chunk.ts'
import type { PacketWriter } from '../wire/packet.ts'
import { add32, distance32, isAfter32 } from '../wire/serial-number.ts'
import { type DeliverMessage, type FragmentVerdict, Reassembly } from './reassembly.ts'
import { TsnRanges } from './tsn-ranges.ts'

/** Gap blocks reach 65,535 TSNs past the cumulative one (RFC 9260 section 3.3.4); chunks beyond that are refused. */
const MAX_TSN_DISTANCE = 65_535
const MIN_HELD_SLOTS = 64
/** Ranges that one packet may open: each moves those behind it. A packet that fills holes opens a few. */
const MAX_OPENED_RANGES = 64
/** Duplicate TSNs are a hint (RFC 9260 section 6.2): a few are enough. */
const MAX_DUPLICATES = 16
/** A window that has to hold one whole message holds this much besides. */
const ROOM_BESIDE_MESSAGE_BYTES = 65_536
/** The least that a chunk or message counts for: objects need memory too, and a window of one-byte messages would need gigabytes. */
const MIN_CHARGE_BYTES = 256

/** `refused` chunks were dropped for want of room and will come again. `unexpected` and `too long` end the association. */
export type DataVerdict = 'taken' | 'duplicate' | 'refused' | Exclude<FragmentVerdict, 'ok'>

export class DataReceiver {
  /** Highest TSN up to which everything has arrived. */
  cumulativeTsn: number
  duplicates = 0
  readonly #windowBytes: number
  readonly #reassembly: Reassembly
  readonly #ranges = new TsnRanges()
  /** Whole DATA chunks that wait for earlier ones, by TSN. Empty as long as nothing is missing. */
  #held: (Uint8Array | undefined)[] = []
  #heldMask = -1
  #heldBytes = 0
  readonly #heldChunk = new DataChunk()
  /** Delivered to the application and not yet reported as consumed. */
  #unconsumedBytes = 0
  /** What the peer believes to be left of the window: what the last SACK announced, less what has arrived since. */
  #announcedBytes: number
  readonly #duplicateTsns = new Uint32Array(MAX_DUPLICATES)
  #duplicateCount = 0
  readonly #sack = new Sack()
  /** By the packet that is being read. */
  #openedRanges = 0
  /** Where the next SACK continues when one cannot name all ranges. */
  #nextRange = 0

  constructor(firstTsn: number, windowBytes: number, maxMessageBytes: number, deliver: DeliverMessage) {
    this.cumulativeTsn = add32(firstTsn, -1)
    this.#windowBytes = effectiveWindow(windowBytes, maxMessageBytes)
    this.#announcedBytes = this.#windowBytes
    this.#reassembly = new Reassembly(maxMessageBytes, (streamId, ppid, payload) => {
      this.#unconsumedBytes += charge(payload.length)
      deliver(streamId, ppid, payload)
    })
  }

  /** True while something is missing: every packet then deserves a SACK (RFC 9260 section 6.7). */
  get hasGaps(): boolean {
    return this.#ranges.count > 0
  }

  /** The chunks of another packet follow. */
  beginPacket(): void {
    this.#openedRanges = 0
  }

  /** Takes a chunk, whose payload is not empty. */
  onData(chunk: DataChunk): DataVerdict {
    const { tsn, payloadBytes } = chunk
    const distance = distance32(this.cumulativeTsn, tsn)
    if (distance <= 0 || (distance > 1 && this.#ranges.has(tsn))) {
      this.#noteDuplicate(tsn)
      return 'duplicate'
    }
    // Held chunks never keep out the one that they wait for: that is refused only for what the application has not consumed.
    const occupied = distance === 1 ? this.#unconsumedBytes : this.#occupiedBytes()
    if (occupied + charge(payloadBytes) > this.#windowBytes) return 'refused'
    this.#announcedBytes -= payloadBytes
    if (distance > 1) return this.#hold(chunk, distance)
    this.cumulativeTsn = tsn
    const verdict = this.#reassembly.add(chunk)
    return verdict === 'ok' ? this.#releaseHeld() : verdict
  }

  /** The peer will not send anything up to `tsn` again (RFC 3758). Messages that are complete by then are still delivered. */
  onForwardTsn(tsn: number): DataVerdict {
    const ranges = this.#ranges
    if (!isAfter32(tsn, this.cumulativeTsn)) return 'taken'
    // From range to range: a distant TSN must not cost a step for each one before it.
    while (ranges.count > 0 && !isAfter32(ranges.start(0), tsn)) {
      this.#reassembly.abandon()
      this.cumulativeTsn = add32(ranges.start(0), -1)
      const verdict = this.#releaseHeld()
      if (verdict !== 'taken') return verdict
    }
    if (isAfter32(tsn, this.cumulativeTsn)) {
      this.#reassembly.abandon()
      this.cumulativeTsn = tsn
    }
    return this.#releaseHeld()
  }

  /** The application is done with a message of `bytes`. True when the window has grown enough to tell the peer now. */
  consumed(bytes: number): boolean {
    this.#unconsumedBytes = Math.max(0, this.#unconsumedBytes - charge(bytes))
    // Small steps are not worth a packet (silly window syndrome, RFC 9260 section 6.2).
    return (
      this.#announcedBytes < this.#windowBytes / 2 &&
      this.#freeBytes() - this.#announcedBytes >= this.#windowBytes / 4
    )
  }

  /**
   * Appends a SACK to the packet that `writer` has begun, with as many gap blocks as fit into `chunkBytes`. When there are more,
   * each SACK continues where the last one ended: a sender must learn of the highest ranges too, or it would take them for in flight.
   */
  writeSack(writer: PacketWriter, chunkBytes: number): Sack {
    const entries = sackEntriesIn(chunkBytes)
    const ranges = this.#ranges
    const sack = this.#sack
    const first = ranges.count > entries && this.#nextRange < ranges.count ? this.#nextRange : 0
    const end = Math.min(ranges.count, first + entries)
    this.#nextRange = end
    this.#announcedBytes = this.#freeBytes()
    sack.reset(this.cumulativeTsn, this.#announcedBytes)
    for (let index = first; index < end; index++) {
      sack.addBlock(
        distance32(this.cumulativeTsn, ranges.start(index)),
        distance32(this.cumulativeTsn, ranges.end(index)),
      )
    }
    const duplicates = Math.min(this.#duplicateCount, entries - sack.blockCount)
    for (let index = 0; index < duplicates; index++) sack.addDuplicate(this.#duplicateTsns[index] as number)
    this.#duplicateCount = 0
    encodeSack(writer, sack)
    return sack
  }

  #freeBytes(): number {
    return Math.max(0, this.#windowBytes - this.#occupiedBytes())
  }

  #occupiedBytes(): number {
    return this.#unconsumedBytes + this.#heldBytes + this.#reassembly.partialBytes
  }

  #noteDuplicate(tsn: number): void {
    this.duplicates++
    if (this.#duplicateCount < MAX_DUPLICATES) this.#duplicateTsns[this.#duplicateCount++] = tsn
  }

  /** Passes on the held chunks that are now in order. */
  #releaseHeld(): DataVerdict {
    const ranges = this.#ranges
    if (ranges.count === 0 || ranges.start(0) !== add32(this.cumulativeTsn, 1)) return 'taken'
    const last = ranges.end(0)
    ranges.removeFirst()
    while (this.cumulativeTsn !== last) {
      this.cumulativeTsn = add32(this.cumulativeTsn, 1)
      const verdict = this.#takeHeld(this.cumulativeTsn)
        ? this.#reassembly.add(this.#heldChunk)
        : 'unexpected'
      if (verdict !== 'ok') return verdict
    }
    return 'taken'
  }

  #hold(chunk: DataChunk, distance: number): DataVerdict {
    const { tsn } = chunk
    const { count } = this.#ranges
    if (distance > MAX_TSN_DISTANCE || this.#openedRanges >= MAX_OPENED_RANGES) return 'refused'
    if (!this.#ranges.add(tsn)) return 'refused'
    if (this.#ranges.count > count) this.#openedRanges++
    if (distance > this.#heldMask) this.#growHeld(distance)
    this.#held[tsn & this.#heldMask] = retainData(chunk)
    this.#heldBytes += charge(chunk.payloadBytes)
    return 'taken'
  }

  /** Moves the held chunk with this TSN to `#heldChunk`. False when it is not there. */
  #takeHeld(tsn: number): boolean {
    if (this.#heldMask < 0) return false
    const slot = tsn & this.#heldMask
    const bytes = this.#held[slot]
    if (bytes === undefined || retainedTsn(bytes) !== tsn) return false
    this.#held[slot] = undefined
    decodeData(bytes, 0, bytes.length, this.#heldChunk)
    this.#heldBytes -= charge(this.#heldChunk.payloadBytes)
    return true
  }

  #growHeld(distance: number): void {
    let slots = Math.max(this.#heldMask + 1, MIN_HELD_SLOTS)
    while (slots <= distance) slots *= 2
    const larger = Array.from<Uint8Array | undefined>({ length: slots }).fill(undefined)
    for (const bytes of this.#held) if (bytes !== undefined) larger[retainedTsn(bytes) & (slots - 1)] = bytes
    this.#held = larger
    this.#heldMask = slots - 1
  }
}

function charge(bytes: number): number {
  return Math.max(bytes, MIN_CHARGE_BYTES)
}

/** The window to announce: `windowBytes`, or more where a single message needs more, which would otherwise never be complete. */
export function effectiveWindow(windowBytes: number, maxMessageBytes: number): number {
  return Math.max(windowBytes, maxMessageBytes + ROOM_BESIDE_MESSAGE_BYTES)
}
