/**
 * RE-CONFIG (RFC 6525): one or two parameters.
 *
 * +---------------+---------------+-------------------------------+
 * |  Type = 130   |     Flags     |            Length             |
 * +---------------+---------------+-------------------------------+
 *
 * Outgoing SSN Reset Request (section 4.1), with no stream for all of them:
 * +-------------------------------+-------------------------------+
 * |           Type = 13           |       Parameter length        |
 * +-------------------------------+-------------------------------+
 * |                    Request sequence number                    |
 * +---------------------------------------------------------------+
 * |                   Response sequence number                    |  the last request of the peer
 * +---------------------------------------------------------------+
 * |                 Sender's last assigned TSN                    |
 * +-------------------------------+-------------------------------+
 * |           Stream ID           |           Stream ID           |  x n / 2
 * +-------------------------------+-------------------------------+
 *
 * Re-configuration Response (section 4.4):
 * +-------------------------------+-------------------------------+
 * |           Type = 16           |       Parameter length        |
 * +-------------------------------+-------------------------------+
 * |                   Response sequence number                    |  of the request that is answered
 * +---------------------------------------------------------------+
 * |                            Result                             |
 * +---------------------------------------------------------------+
 */
import { padded, readUint16, readUint32 } from './bytes.ts'
import { CHUNK_HEADER_BYTES, ChunkType, type ControlChunk } from './packet.ts'

const OUTGOING_RESET = 13
const RESPONSE = 16
/** Add Incoming Streams: the last of the request types, which begin with the outgoing reset. */
const ADD_INCOMING = 18

const PARAMETER_HEADER_BYTES = 4
const RESET_HEADER_BYTES = 16
const RESPONSE_BYTES = 12
/** Section 3.1: no combination has more. */
const MAX_PARAMETERS = 2

/** Results of a response (section 4.4). Those up to `performed` are successes, 0 for nothing to do. */
export const ReconfigResult = { performed: 1, denied: 2, badSequence: 5, inProgress: 6 } as const

export type OutgoingReset = {
  readonly sequence: number
  readonly responseSequence: number
  readonly lastTsn: number
  readonly streamIds: readonly number[]
}

export type ReconfigParameter =
  | ({ readonly kind: 'outgoing reset' } & OutgoingReset)
  | { readonly kind: 'response'; readonly sequence: number; readonly result: number }
  /** A request that WebRTC peers never make, or an outgoing reset that is too short. */
  | { readonly kind: 'unsupported request'; readonly sequence: number }

export function encodeOutgoingReset(reset: OutgoingReset): ControlChunk {
  const { streamIds } = reset
  const size = RESET_HEADER_BYTES + 2 * streamIds.length
  const value = Buffer.alloc(padded(size))
  value.writeUInt16BE(OUTGOING_RESET, 0)
  value.writeUInt16BE(size, 2)
  value.writeUInt32BE(reset.sequence, 4)
  value.writeUInt32BE(reset.responseSequence, 8)
  value.writeUInt32BE(reset.lastTsn, 12)
  streamIds.forEach((id, index) => value.writeUInt16BE(id, RESET_HEADER_BYTES + 2 * index))
  return { type: ChunkType.reconfig, flags: 0, value }
}

export function encodeReconfigResponse(sequence: number, result: number): ControlChunk {
  const value = Buffer.alloc(RESPONSE_BYTES)
  value.writeUInt16BE(RESPONSE, 0)
  value.writeUInt16BE(RESPONSE_BYTES, 2)
  value.writeUInt32BE(sequence, 4)
  value.writeUInt32BE(result, 8)
  return { type: ChunkType.reconfig, flags: 0, value }
}

/** The parameters in their order; what is too short or of another kind is left out. */
export function decodeReconfig(bytes: Uint8Array, at: number, length: number): ReconfigParameter[] {
  const parameters: ReconfigParameter[] = []
  const end = at + length
  let next = at + CHUNK_HEADER_BYTES
  for (let count = 0; count < MAX_PARAMETERS && next + PARAMETER_HEADER_BYTES <= end; count++) {
    const size = readUint16(bytes, next + 2)
    if (size < PARAMETER_HEADER_BYTES || next + size > end) break
    const parameter = decodeParameter(bytes, next, size)
    if (parameter !== undefined) parameters.push(parameter)
    next += padded(size)
  }
  return parameters
}

function decodeParameter(bytes: Uint8Array, at: number, size: number): ReconfigParameter | undefined {
  if (size < PARAMETER_HEADER_BYTES + 4) return undefined
  const type = readUint16(bytes, at)
  const sequence = readUint32(bytes, at + 4)
  if (type === RESPONSE) {
    if (size < RESPONSE_BYTES) return undefined
    return { kind: 'response', sequence, result: readUint32(bytes, at + 8) }
  }
  if (type < OUTGOING_RESET || type > ADD_INCOMING) return undefined
  if (type !== OUTGOING_RESET || size < RESET_HEADER_BYTES) return { kind: 'unsupported request', sequence }
  const streamIds: number[] = []
  for (let next = at + RESET_HEADER_BYTES; next + 2 <= at + size; next += 2)
    streamIds.push(readUint16(bytes, next))
  return {
    kind: 'outgoing reset',
    sequence,
    responseSequence: readUint32(bytes, at + 8),
    lastTsn: readUint32(bytes, at + 12),
    streamIds,
  }
}
