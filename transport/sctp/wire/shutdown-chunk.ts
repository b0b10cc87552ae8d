/**
 * SHUTDOWN, SHUTDOWN ACK and SHUTDOWN COMPLETE (RFC 9260 sections 3.3.8, 3.3.9 and 3.3.13). Only the first has a value.
 *
 * +---------------+---------------+-------------------------------+
 * |   Type = 7    |     Flags     |          Length = 8           |
 * +---------------+---------------+-------------------------------+
 * |                      Cumulative TSN ack                       |
 * +---------------------------------------------------------------+
 *
 * +---------------+-------------+-+-------------------------------+
 * | Type = 8, 14  |  Reserved   |T|          Length = 4           |  T, in a SHUTDOWN COMPLETE: as in an ABORT
 * +---------------+-------------+-+-------------------------------+
 */
import { readUint32, writeUint32 } from './bytes.ts'
import { CHUNK_HEADER_BYTES, ChunkType, type ControlChunk, NO_VALUE } from './packet.ts'

const VALUE_BYTES = 4

export function encodeShutdown(cumulativeTsn: number): ControlChunk {
  const value = new Uint8Array(VALUE_BYTES)
  writeUint32(value, 0, cumulativeTsn)
  return { type: ChunkType.shutdown, flags: 0, value }
}

/** The cumulative TSN; undefined when the chunk has another length than it must. */
export function decodeShutdown(bytes: Uint8Array, at: number, length: number): number | undefined {
  return length === CHUNK_HEADER_BYTES + VALUE_BYTES ? readUint32(bytes, at + CHUNK_HEADER_BYTES) : undefined
}

export function encodeShutdownAck(): ControlChunk {
  return { type: ChunkType.shutdownAck, flags: 0, value: NO_VALUE }
}

export function encodeShutdownComplete(): ControlChunk {
  return { type: ChunkType.shutdownComplete, flags: 0, value: NO_VALUE }
}
