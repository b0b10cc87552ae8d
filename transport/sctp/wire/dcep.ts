/**
 * The Data Channel Establishment Protocol (RFC 8832 section 5) and the payload protocol identifiers of WebRTC (RFC 8831 section 8).
 *
 * +---------------+---------------+-------------------------------+
 * |   Type = 3    | Channel type  |           Priority            |  DATA_CHANNEL_OPEN
 * +---------------+---------------+-------------------------------+
 * |                     Reliability parameter                     |
 * +-------------------------------+-------------------------------+
 * |         Label length          |        Protocol length        |
 * +-------------------------------+-------------------------------+
 * |                      Label, then protocol                     |
 * +---------------------------------------------------------------+
 *
 * +---------------+
 * |   Type = 2    |  DATA_CHANNEL_ACK
 * +---------------+
 */

/** Payload protocol identifiers. An empty message is sent as one byte under an identifier of its own. */
export const Ppid = { control: 50, text: 51, binary: 53, emptyText: 56, emptyBinary: 57 } as const

const OPEN = 3
const ACK = 2
const OPEN_HEADER_BYTES = 12
/** The high bit of the channel type. The low bits ask for partial reliability; full reliability satisfies them too. */
const UNORDERED = 0x80
/** W3C allows labels and protocols of 65,535 bytes; no known application comes near. */
const MAX_TEXT_BYTES = 1_024

export type DcepOpen = { readonly label: string; readonly protocol: string; readonly isOrdered: boolean }

export function encodeOpen(open: DcepOpen): Buffer {
  const label = Buffer.from(open.label)
  const protocol = Buffer.from(open.protocol)
  const header = Buffer.alloc(OPEN_HEADER_BYTES)
  header[0] = OPEN
  header[1] = open.isOrdered ? 0 : UNORDERED
  header.writeUInt16BE(label.length, 8)
  header.writeUInt16BE(protocol.length, 10)
  return Buffer.concat([header, label, protocol])
}

export const encodedAck: Uint8Array = Uint8Array.of(ACK)

/** Undefined when the message is neither an OPEN nor an ACK. */
export function decodeDcep(bytes: Uint8Array): DcepOpen | 'ack' | undefined {
  if (bytes.length === 1 && bytes[0] === ACK) return 'ack'
  if (bytes.length < OPEN_HEADER_BYTES || bytes[0] !== OPEN) return undefined
  const message = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const labelBytes = message.readUInt16BE(8)
  const protocolBytes = message.readUInt16BE(10)
  if (Math.max(labelBytes, protocolBytes) > MAX_TEXT_BYTES) return undefined
  if (OPEN_HEADER_BYTES + labelBytes + protocolBytes !== message.length) return undefined
  const labelEnd = OPEN_HEADER_BYTES + labelBytes
  return {
    label: message.toString('utf8', OPEN_HEADER_BYTES, labelEnd),
    protocol: message.toString('utf8', labelEnd),
    isOrdered: (message.readUInt8(1) & UNORDERED) === 0,
  }
}
