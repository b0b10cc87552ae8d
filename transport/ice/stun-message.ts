/**
 * STUN messages (RFC 8489) as bytes. One pass over a datagram tells whether it is well formed and where its parts lie; what it
 * costs grows with its length and no faster, whoever sent it.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'

// Header (section 5): [type:2][body length:2][magic cookie:4][transaction id:12], then attributes: [type:2][length:2][value][padding to 4]
const STUN_HEADER_BYTES = 20
const MAGIC_COOKIE = 0x2112a442

export const BINDING_METHOD = 0x001
/** Of TURN (RFC 8656 section 17): an allocation is made, kept alive, and brings a peer's datagram in an indication. */
export const ALLOCATE_METHOD = 0x003
export const REFRESH_METHOD = 0x004
export const DATA_METHOD = 0x007

export const USERNAME = 0x0006
const MESSAGE_INTEGRITY = 0x0008
const ERROR_CODE = 0x0009
export const LIFETIME = 0x000d
export const XOR_PEER_ADDRESS = 0x0012
export const DATA = 0x0013
const FINGERPRINT = 0x8028

const INTEGRITY_BYTES = 20
const FINGERPRINT_XOR = 0x5354554e

/** Messages of the stacks in use have up to a dozen. */
const MAX_ATTRIBUTES = 64

/** The longest value that RFC 8489 section 14 allows for any attribute but DATA: 763 bytes of text behind an error code's 4. */
const MAX_VALUE_BYTES = 767

/** Hold an address of 4 or 16 bytes behind 4 others, and nothing longer: werift 0.25.2 takes them apart in quadratic time. */
const ADDRESSES = new Set([0x0001, 0x0004, 0x0005, XOR_PEER_ADDRESS, 0x0016, 0x0020, 0x8023, 0x802b, 0x802c])

/** Attributes below 0x8000 that werift or this library understands; any other makes a message unusable (RFC 8489 section 14). */
const UNDERSTOOD = new Set([
  0x0001, 0x0003, 0x0004, 0x0005, 0x0006, 0x0008, 0x0009, 0x000a, 0x000c, 0x000d, 0x0012, 0x0013, 0x0014,
  0x0015, 0x0016, 0x0017, 0x0018, 0x0019, 0x001a, 0x001c, 0x001d, 0x001e, 0x0020, 0x0022, 0x0024, 0x0025,
])

const CLASSES = ['request', 'indication', 'success', 'error'] as const

export type StunMessage = {
  readonly messageClass: (typeof CLASSES)[number]
  readonly method: number
  /** In hexadecimal. */
  readonly transactionId: string
  /** The first value of each attribute before MESSAGE-INTEGRITY. What follows it counts for nothing (RFC 8489 section 14.5). */
  readonly attributes: ReadonlyMap<number, Buffer>
  /** Where MESSAGE-INTEGRITY begins in the datagram, if there is one. */
  readonly integrityAt: number | undefined
  /** The datagram, without what follows MESSAGE-INTEGRITY other than FINGERPRINT. */
  readonly bytes: Buffer
}

/**
 * The message that a datagram holds. Undefined unless lengths fit, FINGERPRINT is at most once there, last and right, and every
 * attribute that must be understood is.
 */
export function readStun(datagram: Buffer): StunMessage | undefined {
  if (!hasStunHeader(datagram)) return undefined
  const attributes = new Map<number, Buffer>()
  let integrityAt: number | undefined
  let isCut = false
  let count = 0
  for (let at = STUN_HEADER_BYTES; at < datagram.length;) {
    const type = datagram.readUInt16BE(at)
    const length = datagram.readUInt16BE(at + 2)
    const next = at + 4 + length + (-length & 3)
    if (next > datagram.length || ++count > MAX_ATTRIBUTES) return undefined
    if (type === FINGERPRINT) {
      if (length !== 4 || next !== datagram.length || !isFingerprint(datagram, at)) return undefined
    } else if (integrityAt !== undefined) {
      isCut = true
    } else {
      if (!mayBeThere(type, length)) return undefined
      if (type === MESSAGE_INTEGRITY) integrityAt = at
      else if (!attributes.has(type)) attributes.set(type, datagram.subarray(at + 4, at + 4 + length))
    }
    at = next
  }
  const type = datagram.readUInt16BE(0)
  return {
    messageClass: CLASSES[((type >>> 7) & 2) | ((type >>> 4) & 1)] ?? 'request',
    method: type & 0x3eef,
    transactionId: datagram.toString('hex', 8, STUN_HEADER_BYTES),
    attributes,
    integrityAt,
    bytes: isCut && integrityAt !== undefined ? cutBehind(datagram, integrityAt) : datagram,
  }
}

/** True when the message is signed with `key` (RFC 8489 section 14.5, HMAC-SHA1). */
export function isSignedWith({ bytes, integrityAt }: StunMessage, key: Uint8Array): boolean {
  if (integrityAt === undefined) return false
  const hmac = createHmac('sha1', key)
  hmac.update(headerUpTo(bytes, integrityAt)).update(bytes.subarray(STUN_HEADER_BYTES, integrityAt))
  return timingSafeEqual(hmac.digest(), bytes.subarray(integrityAt + 4, integrityAt + 4 + INTEGRITY_BYTES))
}

/** The code of an error response, 300 to 699 (RFC 8489 section 14.8); undefined where there is none. */
export function errorCode({ attributes }: StunMessage): number | undefined {
  const value = attributes.get(ERROR_CODE)
  if (!value || value.length < 4) return undefined
  const code = (value.readUInt8(2) & 7) * 100 + value.readUInt8(3)
  return code >= 300 && code < 700 ? code : undefined
}

function hasStunHeader(datagram: Buffer): boolean {
  if (datagram.length < STUN_HEADER_BYTES || datagram.readUInt16BE(0) >= 0x4000) return false
  const bodyBytes = datagram.readUInt16BE(2)
  return (
    datagram.readUInt32BE(4) === MAGIC_COOKIE &&
    bodyBytes % 4 === 0 &&
    datagram.length === STUN_HEADER_BYTES + bodyBytes
  )
}

function mayBeThere(type: number, length: number): boolean {
  if (type === MESSAGE_INTEGRITY) return length === INTEGRITY_BYTES
  if (ADDRESSES.has(type)) return length === 8 || length === 20
  if (UNDERSTOOD.has(type)) return type === DATA || length <= MAX_VALUE_BYTES
  return type >= 0x8000
}

/** RFC 8489 section 14.7. The header's length already counts the FINGERPRINT, which is last. */
function isFingerprint(datagram: Buffer, at: number): boolean {
  return datagram.readUInt32BE(at + 4) === (crc32(datagram.subarray(0, at)) ^ FINGERPRINT_XOR) >>> 0
}

/** The header of a message that would end with the MESSAGE-INTEGRITY at `integrityAt`. */
function headerUpTo(datagram: Buffer, integrityAt: number): Buffer {
  const header = Buffer.from(datagram.subarray(0, STUN_HEADER_BYTES))
  header.writeUInt16BE(integrityAt + 4 + INTEGRITY_BYTES - STUN_HEADER_BYTES, 2)
  return header
}

function cutBehind(datagram: Buffer, integrityAt: number): Buffer {
  const rest = datagram.subarray(STUN_HEADER_BYTES, integrityAt + 4 + INTEGRITY_BYTES)
  return Buffer.concat([headerUpTo(datagram, integrityAt), rest])
}
