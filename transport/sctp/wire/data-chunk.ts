/**
 * DATA (RFC 9260 section 3.3.1), the I bit from RFC 7053.
 *
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+-------+-+-+-+-+-------------------------------+
 * |   Type = 0    |  Res  |I|U|B|E|            Length             |
 * +---------------+-------+-+-+-+-+-------------------------------+
 * |                              TSN                              |
 * +-------------------------------+-------------------------------+
 * |           Stream ID           |    Stream sequence number     |
 * +-------------------------------+-------------------------------+
 * |                  Payload protocol identifier                  |
 * +---------------------------------------------------------------+
 * |                            Payload                            |
 * +---------------------------------------------------------------+
 */
import { copyBytes, padded, readUint16, readUint32, retainable, writeUint16, writeUint32 } from './bytes.ts'
import { CHUNK_HEADER_BYTES, ChunkType, type PacketWriter } from './packet.ts'

export const DATA_HEADER_BYTES = 16

/** E: last fragment, B: first fragment, U: unordered, I: acknowledge at once. */
export const DataFlag = { end: 1, begin: 2, unordered: 4, immediate: 8 } as const

/** Both halves of an association keep one and overwrite it for every chunk: DATA is the hot path. */
export class DataChunk {
  tsn = 0
  /** Bits of DataFlag. */
  flags = 0
  streamId = 0
  streamSequence = 0
  ppid = 0
  /** The payload is `bytes[payloadAt .. payloadAt + payloadBytes)`. */
  bytes: Uint8Array = new Uint8Array(0)
  payloadAt = 0
  payloadBytes = 0
}

export function encodeData(writer: PacketWriter, data: DataChunk): void {
  const { payloadBytes } = data
  const headerBytes = DATA_HEADER_BYTES - CHUNK_HEADER_BYTES
  const at = writer.appendHeader(ChunkType.data, data.flags, headerBytes + payloadBytes)
  const { bytes } = writer
  writeUint32(bytes, at, data.tsn)
  writeUint16(bytes, at + 4, data.streamId)
  writeUint16(bytes, at + 6, data.streamSequence)
  writeUint32(bytes, at + 8, data.ppid)
  copyBytes(bytes, at + headerBytes, data.bytes, data.payloadAt, data.payloadAt + payloadBytes)
}

/** Reads the chunk of `length` bytes at `at` into `data`, which refers to `bytes` for the payload. False when it is too short. */
export function decodeData(bytes: Uint8Array, at: number, length: number, data: DataChunk): boolean {
  if (length < DATA_HEADER_BYTES) return false
  data.flags = bytes[at + 1] as number
  data.tsn = readUint32(bytes, at + 4)
  data.streamId = readUint16(bytes, at + 8)
  data.streamSequence = readUint16(bytes, at + 10)
  data.ppid = readUint32(bytes, at + 12)
  data.bytes = bytes
  data.payloadAt = at + DATA_HEADER_BYTES
  data.payloadBytes = length - DATA_HEADER_BYTES
  return true
}

/** The whole decoded chunk in memory that can be kept: `decodeData` reads it again from there. */
export function retainData(data: DataChunk): Uint8Array {
  return retainable(data.bytes, data.payloadAt - DATA_HEADER_BYTES, data.payloadAt + data.payloadBytes)
}

/** The TSN of a chunk kept by `retainData`. */
export function retainedTsn(chunk: Uint8Array): number {
  return readUint32(chunk, 4)
}

/** What a chunk occupies on the wire: its header and its payload, padded. */
export function dataChunkBytes(payloadBytes: number): number {
  return DATA_HEADER_BYTES + padded(payloadBytes)
}
