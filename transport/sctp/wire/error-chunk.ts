/**
 * ABORT and ERROR (RFC 9260 sections 3.3.7 and 3.3.10): a list of causes, of which this side sends one and reads the first.
 *
 * +---------------+-------------+-+-------------------------------+
 * |  Type = 6, 9  |  Reserved   |T|            Length             |  T, in an ABORT: the tag is the receiver's own, reflected
 * +---------------+-------------+-+-------------------------------+
 * |          Cause code           |         Cause length          |
 * +-------------------------------+-------------------------------+
 * |                       Cause information                       |
 * +---------------------------------------------------------------+
 */
import { padded, readUint16 } from './bytes.ts'
import { CHUNK_HEADER_BYTES, ChunkType, type ControlChunk, NO_VALUE } from './packet.ts'

const CAUSE_HEADER_BYTES = 4
const MAX_REPORTED_BYTES = 128

/** The T bit of ABORT and SHUTDOWN COMPLETE. */
export const REFLECTED_TAG_FLAG = 1

export const ErrorCause = {
  staleCookie: 3,
  unrecognizedChunk: 6,
  noUserData: 9,
  userInitiatedAbort: 12,
  protocolViolation: 13,
} as const

export function encodeAbort(cause: number): ControlChunk {
  return { type: ChunkType.abort, flags: 0, value: encodeCause(cause, NO_VALUE) }
}

/** The unknown chunk of `length` bytes at `at`, or as much of it as is sent back (section 3.3.10.6). */
export function encodeUnrecognizedChunkError(bytes: Uint8Array, at: number, length: number): ControlChunk {
  const chunk = bytes.subarray(at, at + Math.min(length, MAX_REPORTED_BYTES))
  return { type: ChunkType.error, flags: 0, value: encodeCause(ErrorCause.unrecognizedChunk, chunk) }
}

/** A cookie came back too late (section 3.3.10.3). By how much need not be told: the measure of staleness is 0. */
export function encodeStaleCookieError(): ControlChunk {
  return { type: ChunkType.error, flags: 0, value: encodeCause(ErrorCause.staleCookie, Buffer.alloc(4)) }
}

/** The code of the first cause; 0 when there is none. */
export function decodeFirstCause(bytes: Uint8Array, at: number, length: number): number {
  return length < CHUNK_HEADER_BYTES + CAUSE_HEADER_BYTES ? 0 : readUint16(bytes, at + CHUNK_HEADER_BYTES)
}

function encodeCause(code: number, information: Uint8Array): Buffer {
  const cause = Buffer.alloc(padded(CAUSE_HEADER_BYTES + information.length))
  cause.writeUInt16BE(code, 0)
  cause.writeUInt16BE(CAUSE_HEADER_BYTES + information.length, 2)
  cause.set(information, CAUSE_HEADER_BYTES)
  return cause
}
