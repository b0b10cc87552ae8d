/** The receiving half of an association: keeps what comes out of order, hands on what is in order, and says so in SACKs. */
import { readUint16, readUint32, writeUint16, writeUint32 } from '../wire/bytes.ts'
import { Chunk, DATA_HEADER_BYTES, type PacketWriter } from '../wire/packet.ts'
import { type DeliverMessage, type FragmentVerdict, ownPart, Reassembly } from './reassembly.ts'
import { add32, distance32, isAfter32 } from '../wire/serial-number.ts'
import { TsnRuns } from './tsn-ranges.ts'

/** Gap blocks name TSNs up to 65,535 past the cumulative one; what lies further is refused. */
const REACH = 65_535
const MIN_HELD_SLOTS = 64
const MAX_DUPLICATES = 16
const SACK_VALUE_BYTES = 12
/** A window that has to hold one whole message holds this much besides. */
const ROOM_BESIDE_MESSAGE_BYTES = 65_536
/** What a chunk or message takes of the window at least: objects weigh too, and a window of one-byte messages would fill gigabytes. */
const MIN_CHARGE_BYTES = 256

/** `refused` chunks were dropped for want of room and will come again. The last two end the association. */
export type DataVerdict = 'taken' | 'duplicate' | 'refused' | Exclude<FragmentVerdict, 'ok'>

export class Receiver {
  /** Highest TSN up to which everything has come. */
  cumulativeTsn: number
  duplicates = 0
  readonly #windowBytes: number
  readonly #reassembly: Reassembly
  readonly #runs = new TsnRuns()
  /** Whole DATA chunks that wait for earlier ones, by TSN. Empty as long as nothing is missing. */
  #held: (Uint8Array | undefined)[] = []
  #heldMask = -1
  #heldBytes = 0
  /** Delivered to the application and not yet reported as consumed. */
  #unconsumedBytes = 0
  /** The peer's view: what the last SACK announced, less what has come since. */
  #announcedBytes: number
  readonly #duplicateTsns = new Uint32Array(MAX_DUPLICATES)
  #duplicateCount = 0
  /** Where the next SACK continues when one cannot name all runs. */
  #nextRun = 0

  /** A window smaller than a message would wait for ever for its end: it is raised to hold one and a little more. */
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
    return this.#runs.count > 0
  }

  /** Takes the DATA chunk of `length` bytes at `at`; its payload is not empty. */
  onData(packet: Uint8Array, at: number, length: number): DataVerdict {
    const tsn = readUint32(packet, at + 4)
    const step = distance32(this.cumulativeTsn, tsn)
    const payloadBytes = length - DATA_HEADER_BYTES
    if (step <= 0 || (step > 1 && this.#runs.has(tsn))) {
      this.#noteDuplicate(tsn)
      return 'duplicate'
    }
    // What is next in order is refused only for the application's sake, so that held chunks can never block themselves.
    const occupied = step === 1 ? this.#unconsumedBytes : this.#occupiedBytes()
    if (occupied + charge(payloadBytes) > this.#windowBytes) return 'refused'
    this.#announcedBytes -= payloadBytes
    if (step > 1) return this.#hold(packet, at, length, tsn, step)
    this.cumulativeTsn = tsn
    const verdict = this.#handOn(packet, at, length)
    return verdict === 'ok' ? this.#handOnHeld() : verdict
  }

  /** The peer will not send anything up to `tsn` again (RFC 3758). What is whole among it is still delivered. */
  onForwardTsn(tsn: number): DataVerdict {
    const runs = this.#runs
    if (!isAfter32(tsn, this.cumulativeTsn)) return 'taken'
    // From run to run: a far-off number must not cost a step for each TSN before it.
    while (runs.count > 0 && !isAfter32(runs.start(0), tsn)) {
      this.#reassembly.abandon()
      this.cumulativeTsn = add32(runs.start(0), -1)
      const verdict = this.#handOnHeld()
      if (verdict !== 'taken') return verdict
    }
    if (isAfter32(tsn, this.cumulativeTsn)) {
      this.#reassembly.abandon()
      this.cumulativeTsn = tsn
    }
    return this.#handOnHeld()
  }

  /** The application is done with a message of `bytes`. True when the peer should hear of the new room now. */
  consumed(bytes: number): boolean {
    this.#unconsumedBytes = Math.max(0, this.#unconsumedBytes - charge(bytes))
    const room = this.#room()
    // Small steps are not worth a packet (RFC 9260 section 6.2: silly window syndrome).
    return (
      this.#announcedBytes < this.#windowBytes / 2 && room - this.#announcedBytes >= this.#windowBytes / 4
    )
  }

  /**
   * Appends a SACK to the packet that `writer` has begun, with as many gap blocks as `roomBytes` allow. When there are more,
   * each SACK goes on where the last one ended: a sender that heard only of the lowest would take the others for in flight.
   */
  writeSack(writer: PacketWriter, roomBytes: number): void {
    const space = Math.max(0, Math.floor((roomBytes - 4 - SACK_VALUE_BYTES) / 4))
    const first = this.#runs.count > space && this.#nextRun < this.#runs.count ? this.#nextRun : 0
    const blocks = Math.min(this.#runs.count - first, space)
    this.#nextRun = first + blocks
    const duplicates = Math.min(this.#duplicateCount, space - blocks)
    let at = writer.chunk(Chunk.sack, 0, SACK_VALUE_BYTES + 4 * (blocks + duplicates))
    const { bytes } = writer
    this.#announcedBytes = this.#room()
    writeUint32(bytes, at, this.cumulativeTsn)
    writeUint32(bytes, at + 4, this.#announcedBytes)
    writeUint16(bytes, at + 8, blocks)
    writeUint16(bytes, at + 10, duplicates)
    at += SACK_VALUE_BYTES
    for (let index = first; index < first + blocks; index++, at += 4) {
      writeUint16(bytes, at, distance32(this.cumulativeTsn, this.#runs.start(index)))
      writeUint16(bytes, at + 2, distance32(this.cumulativeTsn, this.#runs.end(index)))
    }
    for (let index = 0; index < duplicates; index++, at += 4) {
      writeUint32(bytes, at, this.#duplicateTsns[index] as number)
    }
    this.#duplicateCount = 0
  }

  #room(): number {
    return Math.max(0, this.#windowBytes - this.#occupiedBytes())
  }

  #occupiedBytes(): number {
    return this.#unconsumedBytes + this.#heldBytes + this.#reassembly.partialBytes
  }

  #noteDuplicate(tsn: number): void {
    this.duplicates++
    if (this.#duplicateCount < MAX_DUPLICATES) this.#duplicateTsns[this.#duplicateCount++] = tsn
  }

  #handOn(chunk: Uint8Array, at: number, length: number): FragmentVerdict {
    return this.#reassembly.add(
      chunk[at + 1] as number,
      readUint16(chunk, at + 8),
      readUint32(chunk, at + 12),
      chunk,
      at + DATA_HEADER_BYTES,
      at + length,
    )
  }

  /** Everything that has become in order goes on. */
  #handOnHeld(): DataVerdict {
    const runs = this.#runs
    if (runs.count === 0 || runs.start(0) !== add32(this.cumulativeTsn, 1)) return 'taken'
    const last = runs.end(0)
    runs.removeFirst()
    while (this.cumulativeTsn !== last) {
      this.cumulativeTsn = add32(this.cumulativeTsn, 1)
      const chunk = this.#takeHeld(this.cumulativeTsn)
      const verdict = chunk === undefined ? 'torn' : this.#handOn(chunk, 0, chunk.length)
      if (verdict !== 'ok') return verdict
    }
    return 'taken'
  }

  #hold(packet: Uint8Array, at: number, length: number, tsn: number, step: number): DataVerdict {
    if (step > REACH || !this.#runs.add(tsn)) return 'refused'
    if (step > this.#heldMask) this.#growHeld(step)
    this.#held[tsn & this.#heldMask] = ownPart(packet, at, at + length)
    this.#heldBytes += charge(length - DATA_HEADER_BYTES)
    return 'taken'
  }

  #takeHeld(tsn: number): Uint8Array | undefined {
    if (this.#heldMask < 0) return undefined
    const chunk = this.#held[tsn & this.#heldMask]
    if (chunk === undefined || readUint32(chunk, 4) !== tsn) return undefined
    this.#held[tsn & this.#heldMask] = undefined
    this.#heldBytes -= charge(chunk.length - DATA_HEADER_BYTES)
    return chunk
  }

  #growHeld(step: number): void {
    let slots = Math.max(this.#heldMask + 1, MIN_HELD_SLOTS)
    while (slots <= step) slots *= 2
    const larger = Array.from<Uint8Array | undefined>({ length: slots }).fill(undefined)
    for (const chunk of this.#held)
      if (chunk !== undefined) larger[readUint32(chunk, 4) & (slots - 1)] = chunk
    this.#held = larger
    this.#heldMask = slots - 1
  }
}

function charge(bytes: number): number {
  return Math.max(bytes, MIN_CHARGE_BYTES)
}

/** What is announced to the peer: `windowBytes`, or more when a single message needs more. */
export function effectiveWindow(windowBytes: number, maxMessageBytes: number): number {
  return Math.max(windowBytes, maxMessageBytes + ROOM_BESIDE_MESSAGE_BYTES)
}
