/**
 * SCTP packets on the wire (RFC 9260 section 3): a writer and a reader that are reused for every packet of an association.
 *
 * packet = [source port:2][destination port:2][verification tag:4][checksum:4, little-endian] chunk...
 * chunk  = [type:1][flags:1][length:2, header included, padding not][value][padding to four bytes]
 */
import { padded, readUint16, readUint32, writeUint16, writeUint32 } from './bytes.ts'
import { packetChecksum } from './crc32c.ts'

export const PACKET_HEADER_BYTES = 12
export const CHUNK_HEADER_BYTES = 4
/** A UDP datagram holds 65,507 bytes at most, and DTLS takes its share. */
export const MAX_PACKET_BYTES = 65_400
/** Room for a header, the cookie and a chunk: a smaller packet cannot carry a handshake. */
const MIN_PACKET_BYTES = 512

/** A packet size that SCTP can use: within the limits above, and a multiple of four like every chunk. */
export function usablePacketBytes(maxPacketBytes: number): number {
  return Math.max(MIN_PACKET_BYTES, Math.min(maxPacketBytes, MAX_PACKET_BYTES)) & ~3
}

export const ChunkType = {
  data: 0,
  init: 1,
  initAck: 2,
  sack: 3,
  heartbeat: 4,
  heartbeatAck: 5,
  abort: 6,
  shutdown: 7,
  shutdownAck: 8,
  error: 9,
  cookieEcho: 10,
  cookieAck: 11,
  shutdownComplete: 14,
  reconfig: 130, // RFC 6525
  pad: 132, // RFC 4820
  forwardTsn: 192, // RFC 3758
} as const

/** Any chunk but DATA and SACK, encoded: what the `encode…` functions beside this file return. */
export type ControlChunk = { readonly type: number; readonly flags: number; readonly value: Uint8Array }

export const NO_VALUE: Uint8Array = new Uint8Array(0)

/** Builds one packet after the other in the same memory: what `finish` returns is valid until the next `begin`. */
export class PacketWriter {
  readonly bytes: Buffer = Buffer.alloc(MAX_PACKET_BYTES + PACKET_HEADER_BYTES)
  length: number = PACKET_HEADER_BYTES
  readonly #localPort: number
  readonly #remotePort: number
  #view: Uint8Array = this.bytes.subarray(0, PACKET_HEADER_BYTES)

  constructor(localPort: number, remotePort: number) {
    this.#localPort = localPort
    this.#remotePort = remotePort
  }

  begin(verificationTag: number): void {
    writeUint16(this.bytes, 0, this.#localPort)
    writeUint16(this.bytes, 2, this.#remotePort)
    writeUint32(this.bytes, 4, verificationTag)
    this.length = PACKET_HEADER_BYTES
  }

  get isEmpty(): boolean {
    return this.length === PACKET_HEADER_BYTES
  }

  append(chunk: ControlChunk): void {
    this.bytes.set(chunk.value, this.appendHeader(chunk.type, chunk.flags, chunk.value.length))
  }

  /** For the encoders: appends a chunk header and the padding, and returns where the value of `valueBytes` goes. */
  appendHeader(type: number, flags: number, valueBytes: number): number {
    const at = this.length
    const { bytes } = this
    bytes[at] = type
    bytes[at + 1] = flags
    writeUint16(bytes, at + 2, CHUNK_HEADER_BYTES + valueBytes)
    const end = at + CHUNK_HEADER_BYTES + valueBytes
    const next = padded(end)
    for (let pad = end; pad < next; pad++) bytes[pad] = 0
    this.length = next
    return at + CHUNK_HEADER_BYTES
  }

  /** Closes the packet. A zero checksum (RFC 9653) is for peers that accept it. */
  finish(zeroChecksum: boolean): Uint8Array {
    const { bytes, length } = this
    const checksum = zeroChecksum ? 0 : packetChecksum(bytes, length)
    bytes[8] = checksum
    bytes[9] = checksum >>> 8
    bytes[10] = checksum >>> 16
    bytes[11] = checksum >>> 24
    // Full packets all have the same length: one view serves them all.
    if (this.#view.length !== length) this.#view = bytes.subarray(0, length)
    return this.#view
  }
}

/** Goes through the chunks of one packet after the other, without an object for each. */
export class PacketReader {
  packet: Uint8Array = NO_VALUE
  /** The current chunk: its type and flags, where it begins, and its length without padding (0 when it is not whole). */
  type = 0
  flags = 0
  at = 0
  length = 0
  #nextAt = 0

  /**
   * Begins a packet and shows its first chunk before `next` is called: whether the verification tag is right depends on it.
   * False when the header is incomplete or the checksum wrong; a zero checksum passes only where this side has offered it.
   */
  open(packet: Uint8Array, acceptsZeroChecksum: boolean): boolean {
    if (!isWellFormed(packet, acceptsZeroChecksum)) return false
    this.packet = packet
    this.#nextAt = PACKET_HEADER_BYTES
    this.#look(PACKET_HEADER_BYTES)
    return true
  }

  get sourcePort(): number {
    return readUint16(this.packet, 0)
  }

  get destinationPort(): number {
    return readUint16(this.packet, 2)
  }

  get verificationTag(): number {
    return readUint32(this.packet, 4)
  }

  /** True when the packet holds the current chunk and nothing else. */
  get isOnlyChunk(): boolean {
    return padded(this.length) === this.packet.length - PACKET_HEADER_BYTES
  }

  /** Moves on to the next chunk. False at the end, and where no whole chunk follows. */
  next(): boolean {
    this.#look(this.#nextAt)
    this.#nextAt += padded(this.length)
    return this.length > 0
  }

  #look(at: number): void {
    const { packet } = this
    this.at = at
    this.length = 0
    if (at + CHUNK_HEADER_BYTES > packet.length) return
    this.type = packet[at] as number
    this.flags = packet[at + 1] as number
    const length = readUint16(packet, at + 2)
    if (length >= CHUNK_HEADER_BYTES && at + length <= packet.length) this.length = length
  }
}

function isWellFormed(packet: Uint8Array, acceptsZeroChecksum: boolean): boolean {
  const { length } = packet
  // What is longer than this side can send could not be answered: a HEARTBEAT is returned whole.
  if (length < PACKET_HEADER_BYTES + CHUNK_HEADER_BYTES || length > MAX_PACKET_BYTES) return false
  const checksum =
    ((packet[8] as number) |
      ((packet[9] as number) << 8) |
      ((packet[10] as number) << 16) |
      ((packet[11] as number) << 24)) >>>
    0
  if (checksum === 0 && acceptsZeroChecksum) return true
  return checksum === packetChecksum(packet, length)
}
