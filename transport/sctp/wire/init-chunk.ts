/**
 * INIT and INIT ACK (RFC 9260 sections 3.3.2 and 3.3.3) with the extensions that WebRTC peers announce.
 *
 * +---------------+---------------+-------------------------------+
 * |  Type = 1, 2  |     Flags     |            Length             |
 * +---------------+---------------+-------------------------------+
 * |                         Initiate tag                          |
 * +---------------------------------------------------------------+
 * |          Advertised receiver window credit, in bytes          |
 * +-------------------------------+-------------------------------+
 * |       Outgoing streams        |       Incoming streams        |
 * +-------------------------------+-------------------------------+
 * |                          Initial TSN                          |
 * +-------------------------------+-------------------------------+
 * |        Parameter type         |       Parameter length        |  header included, padding not; x n
 * +-------------------------------+-------------------------------+
 * |                        Parameter value                        |
 * +---------------------------------------------------------------+
 */
import { padded, readUint16, readUint32 } from './bytes.ts'
import { CHUNK_HEADER_BYTES, ChunkType, type ControlChunk, NO_VALUE } from './packet.ts'

/** Streams of either direction: as many as there are numbers, since a stream costs nothing until it is used. */
export const MAX_STREAMS = 65_535
const FIXED_BYTES = 16
const PARAMETER_HEADER_BYTES = 4
/** This side's cookie has under 100 bytes, that of usrsctp under 500. */
const MAX_COOKIE_BYTES = 4_096

const InitParameter = {
  cookie: 7,
  zeroChecksum: 0x8001, // RFC 9653 section 4
  supportedExtensions: 0x8008, // RFC 5061 section 4.2.7
  forwardTsn: 0xc000, // RFC 3758 section 3.1
} as const
/** Parameter types up to this one are RFC 9260's own. */
const LAST_BASIC_PARAMETER = 12
/** Errors are detected by DTLS below (RFC 9653 section 6). */
const DTLS_DETECTS_ERRORS = 1

/** What one side announces of itself. */
export type Init = {
  /** Verification tag of every packet sent to this side; never 0. */
  readonly tag: number
  readonly windowBytes: number
  readonly outgoingStreams: number
  readonly incomingStreams: number
  readonly initialTsn: number
  /** It accepts packets with a zero checksum (RFC 9653). */
  readonly zeroChecksum: boolean
  /** It supports stream resets (RFC 6525). */
  readonly reconfig: boolean
  /** In an INIT ACK only. */
  readonly cookie?: Uint8Array
}

/** An INIT, or an INIT ACK when there is a cookie. */
export function encodeInit(init: Init): ControlChunk {
  const fixed = Buffer.alloc(FIXED_BYTES)
  fixed.writeUInt32BE(init.tag, 0)
  fixed.writeUInt32BE(init.windowBytes, 4)
  fixed.writeUInt16BE(init.outgoingStreams, 8)
  fixed.writeUInt16BE(init.incomingStreams, 10)
  fixed.writeUInt32BE(init.initialTsn, 12)
  const parts = [fixed, encodeParameter(InitParameter.forwardTsn, NO_VALUE)]
  const extensions = init.reconfig
    ? [ChunkType.reconfig, ChunkType.forwardTsn, ChunkType.pad]
    : [ChunkType.forwardTsn, ChunkType.pad]
  parts.push(encodeParameter(InitParameter.supportedExtensions, Buffer.from(extensions)))
  if (init.zeroChecksum)
    parts.push(encodeParameter(InitParameter.zeroChecksum, Buffer.of(0, 0, 0, DTLS_DETECTS_ERRORS)))
  if (init.cookie !== undefined) parts.push(encodeParameter(InitParameter.cookie, init.cookie))
  const type = init.cookie === undefined ? ChunkType.init : ChunkType.initAck
  return { type, flags: 0, value: Buffer.concat(parts) }
}

/** Undefined when a mandatory field is 0 or a length is wrong. */
export function decodeInit(bytes: Uint8Array, at: number, length: number): Init | undefined {
  if (length < CHUNK_HEADER_BYTES + FIXED_BYTES) return undefined
  const value = at + CHUNK_HEADER_BYTES
  const fixed = {
    tag: readUint32(bytes, value),
    windowBytes: readUint32(bytes, value + 4),
    outgoingStreams: readUint16(bytes, value + 8),
    incomingStreams: readUint16(bytes, value + 10),
    initialTsn: readUint32(bytes, value + 12),
  }
  if (fixed.tag === 0 || fixed.outgoingStreams === 0 || fixed.incomingStreams === 0) return undefined
  const extensions = decodeParameters(bytes, value + FIXED_BYTES, at + length)
  return extensions === undefined ? undefined : { ...fixed, ...extensions }
}

function decodeParameters(
  bytes: Uint8Array,
  from: number,
  to: number,
): Pick<Init, 'zeroChecksum' | 'reconfig' | 'cookie'> | undefined {
  let zeroChecksum = false
  let reconfig = false
  let cookie: Uint8Array | undefined
  for (let next = from; next + PARAMETER_HEADER_BYTES <= to;) {
    const type = readUint16(bytes, next)
    const size = readUint16(bytes, next + 2)
    if (size < PARAMETER_HEADER_BYTES || next + size > to) return undefined
    const body = bytes.subarray(next + PARAMETER_HEADER_BYTES, next + size)
    if (type === InitParameter.zeroChecksum)
      zeroChecksum = body.length === 4 && readUint32(body, 0) === DTLS_DETECTS_ERRORS
    else if (type === InitParameter.supportedExtensions) reconfig = body.includes(ChunkType.reconfig)
    else if (type === InitParameter.cookie)
      cookie = body.length > MAX_COOKIE_BYTES ? undefined : Uint8Array.from(body)
    // Without its highest bit an unknown parameter ends the reading (section 3.2.1). Addresses mean nothing over DTLS.
    else if ((type & 0x8000) === 0 && type > LAST_BASIC_PARAMETER) break
    next += padded(size)
  }
  return cookie === undefined ? { zeroChecksum, reconfig } : { zeroChecksum, reconfig, cookie }
}

function encodeParameter(type: number, value: Uint8Array): Buffer {
  const bytes = Buffer.alloc(padded(PARAMETER_HEADER_BYTES + value.length))
  bytes.writeUInt16BE(type, 0)
  bytes.writeUInt16BE(PARAMETER_HEADER_BYTES + value.length, 2)
  bytes.set(value, PARAMETER_HEADER_BYTES)
  return bytes
}
