/** The messages that move bytes, in fixed layouts: chunk, received and again (PROTOCOL.md section 5). Numbers are big-endian. */
import { FRAME_TYPES, malformed, readSize, viewOf } from './frame-codec.ts'

/** Most bytes of a file in one chunk: with its header, and sealed, a chunk stays below 65,536 bytes. */
export const MAX_CHUNK_BYTES = 64_512

/** Failures at one offset after which both sides give the transfer up as `corrupt`: a fault that persists is in a machine, not on the path. */
export const MAX_FAILURES_AT_ONE_OFFSET = 3

/** What may be sent again of a small file: one window that was in flight when the damage was noticed. */
const RESENT_AT_LEAST_BYTES = 16 * 1024 * 1024

/**
 * How many bytes of a file of `size` may be sent again in all, after which both sides give it up as `corrupt`: as many as it has, and one
 * window. Damage that checksums below have missed is rare, so a receiver that asks for more makes its sender work for nothing.
 */
export function resendBudget(size: number): number {
  return size + RESENT_AT_LEAST_BYTES
}

const CHUNK_MESSAGE_HEADER_BYTES = 17
const RECEIVED_BYTES = 9
const AGAIN_BYTES = 13

/** A piece of a file. `bytes` is a view into the message it came in. */
export type ChunkBody = {
  readonly entry: number
  readonly offset: number
  readonly crc32: number
  readonly bytes: Uint8Array
}
/** Bytes written so far, over all entries. */
export type ReceivedBody = { readonly bytes: number }
/** Where to continue from, because the chunk at `offset` arrived damaged. */
export type AgainBody = { readonly entry: number; readonly offset: number }

/** `[5][entry:4][offset:8][crc32:4][bytes]`, 1 to 64,512 bytes. Copies `bytes`. */
export function encodeChunk(chunk: ChunkBody): Uint8Array {
  const message = new Uint8Array(CHUNK_MESSAGE_HEADER_BYTES + chunk.bytes.length)
  const view = viewOf(message)
  view.setUint8(0, FRAME_TYPES.chunk)
  view.setUint32(1, chunk.entry)
  view.setBigUint64(5, BigInt(chunk.offset))
  view.setUint32(13, chunk.crc32)
  message.set(chunk.bytes, CHUNK_MESSAGE_HEADER_BYTES)
  return message
}

/** `[5][entry:4][offset:8][crc32:4][bytes]`, 1 to 64,512 bytes. */
export function decodeChunk(message: Uint8Array): ChunkBody {
  const length = message.length - CHUNK_MESSAGE_HEADER_BYTES
  if (length < 1 || length > MAX_CHUNK_BYTES) throw malformed('chunk')
  const view = viewOf(message)
  return {
    entry: view.getUint32(1),
    offset: readSize(view, 5, 'chunk'),
    crc32: view.getUint32(13),
    bytes: message.subarray(CHUNK_MESSAGE_HEADER_BYTES),
  }
}

/** `[6][bytes:8]` */
export function encodeReceived(bytes: number): Uint8Array {
  const message = new Uint8Array(RECEIVED_BYTES)
  const view = viewOf(message)
  view.setUint8(0, FRAME_TYPES.received)
  view.setBigUint64(1, BigInt(bytes))
  return message
}

/** `[6][bytes:8]` */
export function decodeReceived(message: Uint8Array): ReceivedBody {
  if (message.length !== RECEIVED_BYTES) throw malformed('received')
  return { bytes: readSize(viewOf(message), 1, 'received') }
}

/** `[7][entry:4][offset:8]` */
export function encodeAgain(entry: number, offset: number): Uint8Array {
  const message = new Uint8Array(AGAIN_BYTES)
  const view = viewOf(message)
  view.setUint8(0, FRAME_TYPES.again)
  view.setUint32(1, entry)
  view.setBigUint64(5, BigInt(offset))
  return message
}

/** `[7][entry:4][offset:8]` */
export function decodeAgain(message: Uint8Array): AgainBody {
  if (message.length !== AGAIN_BYTES) throw malformed('again')
  const view = viewOf(message)
  return { entry: view.getUint32(1), offset: readSize(view, 5, 'again') }
}
