/**
 * FORWARD-TSN (RFC 3758 section 3.2). This side is always reliable and sends none. The list of streams is not read: messages
 * are delivered in TSN order here, so nothing waits for a stream sequence number that will not come.
 *
 * +---------------+---------------+-------------------------------+
 * |  Type = 192   |     Flags     |            Length             |
 * +---------------+---------------+-------------------------------+
 * |                      New cumulative TSN                       |
 * +-------------------------------+-------------------------------+
 * |           Stream ID           |    Stream sequence number     |  x n
 * +-------------------------------+-------------------------------+
 */
import { readUint32 } from './bytes.ts'
import { CHUNK_HEADER_BYTES } from './packet.ts'

/** The TSN up to which the peer will not send anything again; undefined when the chunk is too short. */
export function decodeForwardTsn(bytes: Uint8Array, at: number, length: number): number | undefined {
  return length < CHUNK_HEADER_BYTES + 4 ? undefined : readUint32(bytes, at + CHUNK_HEADER_BYTES)
}
