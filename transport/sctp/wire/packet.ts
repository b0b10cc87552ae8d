/**
 * SCTP packets on the wire (RFC 9260 section 3): chunk types, a writer that builds packets in one reused buffer,
 * and the checks that a packet passes before a chunk of it is read.
 *
 * packet = [source port:2][destination port:2][verification tag:4][checksum:4, little-endian] chunk...
 * chunk  = [type:1][flags:1][length:2, header included, padding not][value][padding to four bytes]
 */
import { padded, readUint16, readUint32, writeUint16, writeUint32 } from './bytes.ts'
import { packetChecksum } from './crc32c.ts'

export const PACKET_HEADER_BYTES = 12
export const CHUNK_HEADER_BYTES = 4
/** Chunk header, TSN, stream, stream sequence number, payload protocol identifier (section 3.3.1). */
export const DATA_HEADER_BYTES = 16
/** Chunk lengths are 16 bits and a UDP datagram ends at 65,507 bytes; DTLS takes its share too. */
export const MAX_PACKET_BYTES = 65_400
/** Room for one header, the cookie and a chunk: nothing smaller can carry a handshake. */
export const MIN_PACKET_BYTES = 512

export const Chunk = {
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

/** Flags of a DATA chunk. I asks for an immediate SACK (RFC 7053). */
export const DataFlag = { end: 1, begin: 2, unordered: 4, immediate: 8 } as const

/** ABORT and SHUTDOWN COMPLETE: the tag is the receiver's own, sent back. */
export const TAG_REFLECTED = 1

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

  /** Appends a chunk header for a value of `valueBytes`, pads, and returns where the value goes. */
  chunk(type: number, flags: number, valueBytes: number): number {
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

  /** Closes the packet. A zero checksum is RFC 9653's, for peers that accept it. */
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

/** True when the header is whole and its checksum is right; a zero one passes only if we have offered to accept it. */
export function isWellFormed(packet: Uint8Array, acceptsZeroChecksum: boolean): boolean {
  const { length } = packet
  // What is longer than we can send could not be answered: a HEARTBEAT comes back whole.
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

/** The length of the chunk at `at`, header included and padding not; 0 when no whole chunk stands there. */
export function chunkLength(packet: Uint8Array, at: number): number {
  if (at + CHUNK_HEADER_BYTES > packet.length) return 0
  const length = readUint16(packet, at + 2)
  return length < CHUNK_HEADER_BYTES || at + length > packet.length ? 0 : length
}

export function verificationTag(packet: Uint8Array): number {
  return readUint32(packet, 4)
}
