/**
 * HEARTBEAT and HEARTBEAT ACK (RFC 9260 sections 3.3.5 and 3.3.6), and PAD (RFC 4820), which fills up a HEARTBEAT that
 * probes the path.
 *
 * +---------------+---------------+-------------------------------+
 * |  Type = 4, 5  |     Flags     |            Length             |
 * +---------------+---------------+-------------------------------+
 * |      Heartbeat Info = 1       |       Parameter length        |
 * +-------------------------------+-------------------------------+
 * |        What only its sender understands: here a nonce         |
 * +---------------------------------------------------------------+
 *
 * +---------------+---------------+-------------------------------+
 * |  Type = 132   |     Flags     |            Length             |
 * +---------------+---------------+-------------------------------+
 * |                             Zeros                             |
 * +---------------------------------------------------------------+
 */
import { readUint16 } from './bytes.ts'
import { CHUNK_HEADER_BYTES, ChunkType, type ControlChunk, type PacketWriter } from './packet.ts'

export const HEARTBEAT_NONCE_BYTES = 8
const HEARTBEAT_INFO = 1
const INFO_BYTES = 4 + HEARTBEAT_NONCE_BYTES

export function encodeHeartbeat(nonce: Uint8Array): ControlChunk {
  const value = Buffer.alloc(INFO_BYTES)
  value.writeUInt16BE(HEARTBEAT_INFO, 0)
  value.writeUInt16BE(INFO_BYTES, 2)
  value.set(nonce, 4)
  return { type: ChunkType.heartbeat, flags: 0, value }
}

/** The value of a HEARTBEAT, which its ACK returns unread. */
export function decodeHeartbeat(bytes: Uint8Array, at: number, length: number): Uint8Array {
  return bytes.subarray(at + CHUNK_HEADER_BYTES, at + length)
}

export function encodeHeartbeatAck(value: Uint8Array): ControlChunk {
  return { type: ChunkType.heartbeatAck, flags: 0, value }
}

/** The nonce of the HEARTBEAT that is answered; undefined when it cannot be one from `encodeHeartbeat`. */
export function decodeHeartbeatAck(bytes: Uint8Array, at: number, length: number): Uint8Array | undefined {
  const value = at + CHUNK_HEADER_BYTES
  if (length !== CHUNK_HEADER_BYTES + INFO_BYTES || readUint16(bytes, value) !== HEARTBEAT_INFO)
    return undefined
  return bytes.subarray(value + 4, value + INFO_BYTES)
}

/** Fills the packet up to `packetBytes`, a multiple of four, with a PAD chunk; leaves it as it is where none fits. */
export function encodePad(writer: PacketWriter, packetBytes: number): void {
  const padBytes = packetBytes - writer.length - CHUNK_HEADER_BYTES
  if (padBytes < 0) return
  writer.bytes.fill(0, writer.appendHeader(ChunkType.pad, 0, padBytes), writer.length)
}
