/** Connectivity checks (RFC 8445 section 7.2.2) as a peer that knows the ICE credentials makes them, byte by byte. */
import { createHmac, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

const BINDING_REQUEST = 0x0001
const COOKIE = 0x2112a442
const USERNAME = 0x0006
const MESSAGE_INTEGRITY = 0x0008
const PRIORITY = 0x0024
const ICE_CONTROLLED = 0x8029
const FINGERPRINT = 0x8028
const FINGERPRINT_MASK = 0x5354554e

/** A check for the side that wrote `sdp`, signed with its password. */
export function signedCheck(sdp: string): Buffer {
  const header = Buffer.alloc(20)
  header.writeUInt16BE(BINDING_REQUEST, 0)
  header.writeUInt32BE(COOKIE, 4)
  randomBytes(12).copy(header, 8)
  const unsigned = Buffer.concat([
    header,
    attribute(USERNAME, Buffer.from(`${credential(sdp, 'ice-ufrag')}:peer`)),
    attribute(PRIORITY, Buffer.from('6e0001ff', 'hex')),
    attribute(ICE_CONTROLLED, randomBytes(8)),
  ])
  const hmac = createHmac('sha1', credential(sdp, 'ice-pwd')).update(withLength(unsigned, 24)).digest()
  const signed = Buffer.concat([unsigned, attribute(MESSAGE_INTEGRITY, hmac)])
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE((crc32(withLength(signed, 8)) ^ FINGERPRINT_MASK) >>> 0)
  return withLength(Buffer.concat([signed, attribute(FINGERPRINT, sum)]), 0)
}

function credential(sdp: string, name: string): string {
  return new RegExp(`^a=${name}:(\\S+)`, 'm').exec(sdp)?.[1] ?? ''
}

/** True for a check, false for an answer to one. */
export function isCheck(datagram: Buffer): boolean {
  return datagram.length >= 20 && datagram.readUInt16BE(0) === BINDING_REQUEST
}

function attribute(type: number, value: Buffer): Buffer {
  const bytes = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4)
  bytes.writeUInt16BE(type, 0)
  bytes.writeUInt16BE(value.length, 2)
  value.copy(bytes, 4)
  return bytes
}

/** The length field says what it will be with `more` bytes of attributes. */
function withLength(message: Buffer, more: number): Buffer {
  const copy = Buffer.from(message)
  copy.writeUInt16BE(message.length - 20 + more, 2)
  return copy
}
