/**
 * SACK (RFC 9260 section 3.3.4).
 *
 * +---------------+---------------+-------------------------------+
 * |   Type = 3    |     Flags     |            Length             |
 * +---------------+---------------+-------------------------------+
 * |                      Cumulative TSN ack                       |
 * +---------------------------------------------------------------+
 * |               Advertised receiver window credit               |
 * +-------------------------------+-------------------------------+
 * |  Number of gap ack blocks = n |  Number of duplicate TSNs = m |
 * +-------------------------------+-------------------------------+
 * |      Gap ack block start      |       Gap ack block end       |  x n, as offsets from the cumulative TSN
 * +-------------------------------+-------------------------------+
 * |                         Duplicate TSN                         |  x m
 * +---------------------------------------------------------------+
 */
import { readUint16, readUint32, writeUint16, writeUint32 } from './bytes.ts'
import { CHUNK_HEADER_BYTES, ChunkType, type PacketWriter } from './packet.ts'

const SACK_HEADER_BYTES = 16
/** A gap block and a duplicate TSN take the same space. */
const ENTRY_BYTES = 4
/** Room to begin with; a SACK with more entries makes it grow, up to what a packet can hold. */
const INITIAL_ENTRIES = 64

/** Both halves of an association keep one and overwrite it for every SACK, of which there may be one a packet. */
export class Sack {
  cumulativeTsn = 0
  /** The receive window that the peer has left, in bytes. */
  windowBytes = 0
  blockCount = 0
  duplicateCount = 0
  #blockStarts = new Uint16Array(INITIAL_ENTRIES)
  #blockEnds = new Uint16Array(INITIAL_ENTRIES)
  #duplicateTsns = new Uint32Array(INITIAL_ENTRIES)

  /** First and last TSN of gap block `index`, as offsets from the cumulative TSN. */
  blockStart(index: number): number {
    return this.#blockStarts[index] as number
  }

  blockEnd(index: number): number {
    return this.#blockEnds[index] as number
  }

  duplicateTsn(index: number): number {
    return this.#duplicateTsns[index] as number
  }

  /** Begins a SACK without entries. */
  reset(cumulativeTsn: number, windowBytes: number): void {
    this.cumulativeTsn = cumulativeTsn
    this.windowBytes = windowBytes
    this.blockCount = 0
    this.duplicateCount = 0
  }

  addBlock(start: number, end: number): void {
    if (this.blockCount === this.#blockStarts.length) {
      this.#blockStarts = copyInto(this.#blockStarts, new Uint16Array(2 * this.blockCount))
      this.#blockEnds = copyInto(this.#blockEnds, new Uint16Array(2 * this.blockCount))
    }
    this.#blockStarts[this.blockCount] = start
    this.#blockEnds[this.blockCount] = end
    this.blockCount++
  }

  addDuplicate(tsn: number): void {
    if (this.duplicateCount === this.#duplicateTsns.length)
      this.#duplicateTsns = copyInto(this.#duplicateTsns, new Uint32Array(2 * this.duplicateCount))
    this.#duplicateTsns[this.duplicateCount] = tsn
    this.duplicateCount++
  }
}

/** How many entries (gap blocks and duplicates together) a SACK of `chunkBytes` holds. */
export function sackEntriesIn(chunkBytes: number): number {
  return Math.max(0, Math.floor((chunkBytes - SACK_HEADER_BYTES) / ENTRY_BYTES))
}

export function encodeSack(writer: PacketWriter, sack: Sack): void {
  const { blockCount, duplicateCount } = sack
  const headerBytes = SACK_HEADER_BYTES - CHUNK_HEADER_BYTES
  const valueBytes = headerBytes + ENTRY_BYTES * (blockCount + duplicateCount)
  let at = writer.appendHeader(ChunkType.sack, 0, valueBytes)
  const { bytes } = writer
  writeUint32(bytes, at, sack.cumulativeTsn)
  writeUint32(bytes, at + 4, sack.windowBytes)
  writeUint16(bytes, at + 8, blockCount)
  writeUint16(bytes, at + 10, duplicateCount)
  at += headerBytes
  for (let index = 0; index < blockCount; index++, at += ENTRY_BYTES) {
    writeUint16(bytes, at, sack.blockStart(index))
    writeUint16(bytes, at + 2, sack.blockEnd(index))
  }
  for (let index = 0; index < duplicateCount; index++, at += ENTRY_BYTES)
    writeUint32(bytes, at, sack.duplicateTsn(index))
}

/** Reads the chunk of `length` bytes at `at` into `sack`. False when it is too short for its counts. */
export function decodeSack(bytes: Uint8Array, at: number, length: number, sack: Sack): boolean {
  if (length < SACK_HEADER_BYTES) return false
  const blocks = readUint16(bytes, at + 12)
  const duplicates = readUint16(bytes, at + 14)
  if (SACK_HEADER_BYTES + ENTRY_BYTES * (blocks + duplicates) > length) return false
  sack.reset(readUint32(bytes, at + 4), readUint32(bytes, at + 8))
  let next = at + SACK_HEADER_BYTES
  for (let index = 0; index < blocks; index++, next += ENTRY_BYTES)
    sack.addBlock(readUint16(bytes, next), readUint16(bytes, next + 2))
  for (let index = 0; index < duplicates; index++, next += ENTRY_BYTES)
    sack.addDuplicate(readUint32(bytes, next))
  return true
}

function copyInto<Numbers extends Uint16Array | Uint32Array>(from: Numbers, larger: Numbers): Numbers {
  larger.set(from)
  return larger
}
