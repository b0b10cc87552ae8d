/**
 * INIT and INIT ACK (RFC 9260 sections 3.3.2 and 3.3.3) with the extensions that WebRTC peers announce.
 *
 * value     = [tag:4][receiver window:4][outgoing streams:2][incoming streams:2][initial TSN:4] parameter...
 * parameter = [type:2][length:2, header included][value][padding to four bytes]
 */
import { padded, readUint16, readUint32 } from './bytes.ts'
import { CHUNK_HEADER_BYTES, Chunk } from './packet.ts'

/** Streams of both directions: all that the numbers allow, they cost nothing until used. */
export const MAX_STREAMS = 65_535
const FIXED_BYTES = 16
/** A cookie of ours has under 100 bytes, one of usrsctp under 500. */
const MAX_COOKIE_BYTES = 4_096

const Parameter = {
  cookie: 7,
  zeroChecksum: 0x8001, // RFC 9653 section 4
  supportedExtensions: 0x8008, // RFC 5061 section 4.2.7
  forwardTsn: 0xc000, // RFC 3758 section 3.1
} as const
/** Error detection by the DTLS below (RFC 9653 section 6). */
const DTLS_DETECTS_ERRORS = 1

/** One side's opening words. */
export type Init = {
  readonly tag: number
  readonly windowBytes: number
  readonly outgoingStreams: number
  readonly incomingStreams: number
  readonly initialTsn: number
  /** It accepts packets with a zero checksum. */
  readonly zeroChecksum: boolean
  /** It understands stream resets. */
  readonly reconfig: boolean
  readonly cookie?: Uint8Array
}

/** The value of an INIT, or of an INIT ACK when there is a cookie. */
export function encodeInit(init: Init): Buffer {
  const fixed = Buffer.alloc(FIXED_BYTES)
  fixed.writeUInt32BE(init.tag, 0)
  fixed.writeUInt32BE(init.windowBytes, 4)
  fixed.writeUInt16BE(init.outgoingStreams, 8)
  fixed.writeUInt16BE(init.incomingStreams, 10)
  fixed.writeUInt32BE(init.initialTsn, 12)
  const parts = [fixed, parameter(Parameter.forwardTsn, Buffer.alloc(0))]
  const extensions = init.reconfig
    ? [Chunk.reconfig, Chunk.forwardTsn, Chunk.pad]
    : [Chunk.forwardTsn, Chunk.pad]
  parts.push(parameter(Parameter.supportedExtensions, Buffer.from(extensions)))
  if (init.zeroChecksum)
    parts.push(parameter(Parameter.zeroChecksum, Buffer.of(0, 0, 0, DTLS_DETECTS_ERRORS)))
  if (init.cookie !== undefined) parts.push(parameter(Parameter.cookie, init.cookie))
  return Buffer.concat(parts)
}

/** Reads the INIT or INIT ACK chunk at `at`; undefined when it is not sound. */
export function decodeInit(packet: Uint8Array, at: number, length: number): Init | undefined {
  if (length < CHUNK_HEADER_BYTES + FIXED_BYTES) return undefined
  const value = at + CHUNK_HEADER_BYTES
  const fixed = {
    tag: readUint32(packet, value),
    windowBytes: readUint32(packet, value + 4),
    outgoingStreams: readUint16(packet, value + 8),
    incomingStreams: readUint16(packet, value + 10),
    initialTsn: readUint32(packet, value + 12),
  }
  if (fixed.tag === 0 || fixed.outgoingStreams === 0 || fixed.incomingStreams === 0) return undefined
  let zeroChecksum = false
  let reconfig = false
  let cookie: Uint8Array | undefined
  const end = at + length
  for (let next = value + FIXED_BYTES; next + 4 <= end;) {
    const type = readUint16(packet, next)
    const size = readUint16(packet, next + 2)
    if (size < 4 || next + size > end) return undefined
    const body = packet.subarray(next + 4, next + size)
    if (type === Parameter.zeroChecksum)
      zeroChecksum = body.length === 4 && readUint32(body, 0) === DTLS_DETECTS_ERRORS
    else if (type === Parameter.supportedExtensions) reconfig = body.includes(Chunk.reconfig)
    else if (type === Parameter.cookie)
      cookie = body.length > MAX_COOKIE_BYTES ? undefined : Uint8Array.from(body)
    // The highest bit tells whether an unknown parameter ends the reading (section 3.2.1); addresses mean nothing over DTLS.
    else if ((type & 0x8000) === 0 && type > KNOWN_PARAMETERS) break
    next += padded(size)
  }
  return cookie === undefined
    ? { ...fixed, zeroChecksum, reconfig }
    : { ...fixed, zeroChecksum, reconfig, cookie }
}

/** Parameter types up to here are of RFC 9260 itself. */
const KNOWN_PARAMETERS = 12

function parameter(type: number, value: Uint8Array): Buffer {
  const bytes = Buffer.alloc(padded(4 + value.length))
  bytes.writeUInt16BE(type, 0)
  bytes.writeUInt16BE(4 + value.length, 2)
  bytes.set(value, 4)
  return bytes
}
