/** Records and messages of a DTLS 1.2 handshake (RFC 6347 section 4) as bytes. */
import { HANDSHAKE, MAX_DATAGRAM_RECORDS, RECORD_HEADER_BYTES } from './datagram-guard.ts'

// Record: [type:1][version:2][epoch:2][number:6][length:2][content]
// Message in it, whole or in fragments: [type:1][length:3][sequence:2][fragment offset:3][fragment length:3][fragment]
const MESSAGE_HEADER_BYTES = 12
const DTLS_1_0 = 0xfeff
const DTLS_1_2 = 0xfefd

/** RFC 5246 section 7.4 and RFC 6347 section 4.3.2. */
export const CLIENT_HELLO = 1
export const SERVER_HELLO = 2
export const HELLO_VERIFY_REQUEST = 3
export const CERTIFICATE = 11
export const SERVER_KEY_EXCHANGE = 12
export const CERTIFICATE_REQUEST = 13
export const SERVER_HELLO_DONE = 14
export const CERTIFICATE_VERIFY = 15
export const CLIENT_KEY_EXCHANGE = 16

/** More than any flight has. */
const MAX_FRAGMENTS = 32

export type HandshakeRecord = {
  readonly epoch: number
  /** 48 bits, not authenticated in epoch 0. */
  readonly number: number
  readonly content: Buffer
  readonly bytes: Buffer
}

export type Fragment = {
  readonly type: number
  readonly sequence: number
  /** Of the whole message, in bytes. */
  readonly length: number
  readonly offset: number
  readonly part: Buffer
}

export type HandshakeMessage = { readonly type: number; readonly sequence: number; readonly body: Buffer }

/** The whole handshake records of a datagram. Alerts, which nobody has authenticated yet, and everything else are left out. */
export function handshakeRecords(datagram: Buffer): HandshakeRecord[] {
  const records: HandshakeRecord[] = []
  let at = 0
  let left = MAX_DATAGRAM_RECORDS
  while (left-- > 0 && at + RECORD_HEADER_BYTES <= datagram.length) {
    const end = at + RECORD_HEADER_BYTES + datagram.readUInt16BE(at + 11)
    if (end > datagram.length) break
    const version = datagram.readUInt16BE(at + 1)
    if (datagram[at] === HANDSHAKE && (version === DTLS_1_2 || version === DTLS_1_0)) {
      records.push({
        epoch: datagram.readUInt16BE(at + 3),
        number: datagram.readUIntBE(at + 5, 6),
        content: datagram.subarray(at + RECORD_HEADER_BYTES, end),
        bytes: datagram.subarray(at, end),
      })
    }
    at = end
  }
  return records
}

/** The fragments in the content of an unprotected record, up to the first that does not fit. */
export function fragmentsIn(content: Buffer): Fragment[] {
  const fragments: Fragment[] = []
  for (let at = 0; at + MESSAGE_HEADER_BYTES <= content.length && fragments.length < MAX_FRAGMENTS;) {
    const length = content.readUIntBE(at + 1, 3)
    const offset = content.readUIntBE(at + 6, 3)
    const end = at + MESSAGE_HEADER_BYTES + content.readUIntBE(at + 9, 3)
    const part = content.subarray(at + MESSAGE_HEADER_BYTES, end)
    if (end > content.length || offset + part.length > length || (part.length === 0 && length > 0)) break
    fragments.push({
      type: content.readUInt8(at),
      sequence: content.readUInt16BE(at + 4),
      length,
      offset,
      part,
    })
    at = end
  }
  return fragments
}

/** `message` whole, in a record of epoch 0 with this number. */
export function recordOf({ type, sequence, body }: HandshakeMessage, number = 0): Buffer {
  const record = Buffer.alloc(RECORD_HEADER_BYTES + MESSAGE_HEADER_BYTES + body.length)
  record[0] = HANDSHAKE
  record.writeUInt16BE(DTLS_1_2, 1)
  record.writeUIntBE(number, 5, 6)
  record.writeUInt16BE(MESSAGE_HEADER_BYTES + body.length, 11)
  record[13] = type
  record.writeUIntBE(body.length, 14, 3)
  record.writeUInt16BE(sequence, 17)
  record.writeUIntBE(body.length, 22, 3)
  record.set(body, RECORD_HEADER_BYTES + MESSAGE_HEADER_BYTES)
  return record
}

/** Adds `base` to the number of each record of epoch 0 in a datagram of our own. */
export function renumber(datagram: Buffer, base: number): void {
  for (let at = 0; at + RECORD_HEADER_BYTES <= datagram.length;) {
    if (datagram.readUInt16BE(at + 3) === 0)
      datagram.writeUIntBE(base + datagram.readUIntBE(at + 5, 6), at + 5, 6)
    at += RECORD_HEADER_BYTES + datagram.readUInt16BE(at + 11)
  }
}

export type HelloParts = {
  readonly random: Buffer
  readonly cookie: Buffer
  readonly bodyWithoutCookie: Buffer
}

/** What a ClientHello's body begins with: [version:2][random:32][session id:1+n][cookie:1+n]; undefined when it is cut. */
export function readClientHello(body: Buffer): HelloParts | undefined {
  const cookieAt = 35 + (body[34] ?? 0)
  const cookieBytes = body[cookieAt]
  if (cookieBytes === undefined || cookieAt + 1 + cookieBytes >= body.length) return undefined
  const behind = body.subarray(cookieAt + 1 + cookieBytes)
  return {
    random: body.subarray(2, 34),
    cookie: body.subarray(cookieAt + 1, cookieAt + 1 + cookieBytes),
    bodyWithoutCookie: Buffer.concat([body.subarray(0, cookieAt), Buffer.alloc(1), behind]),
  }
}

/** A HelloVerifyRequest (RFC 6347 section 4.2.1) in a record with this number. */
export function helloVerifyRequest(cookie: Buffer, number: number): Buffer {
  const body = Buffer.concat([Buffer.from([DTLS_1_2 >>> 8, DTLS_1_2 & 0xff, cookie.length]), cookie])
  return recordOf({ type: HELLO_VERIFY_REQUEST, sequence: 0, body }, number)
}
