/**
 * Which datagrams may reach a connected DTLS session: pure filters, because werift acts on unprotected records for as long
 * as the session lives (one 14-byte packet would end it).
 */

// DTLS 1.2 record header (RFC 6347 section 4.1): [type:1][version:2][epoch:2][sequence:6][length:2]
export const RECORD_HEADER_BYTES = 13
export const APPLICATION_DATA = 23
export const ALERT = 21
export const HANDSHAKE = 22

/**
 * Records that are read from one datagram. No stack sends more, and each can cost a decryption: 1,700 fit into the largest datagram, which
 * would take a hundred times as long as one record of its size.
 */
export const MAX_DATAGRAM_RECORDS = 16

/** True for what RFC 7983 section 7 assigns to STUN on a shared port. */
export function isStun(datagram: Uint8Array) {
  return datagram.length > 0 && (datagram[0] ?? 255) < 4
}

/** True for what RFC 7983 section 7 assigns to DTLS on a shared port. */
export function isDtls(datagram: Uint8Array): boolean {
  const first = datagram[0] ?? 0
  return first >= 20 && first <= 63
}

/**
 * The records of `datagram` that werift may see once the handshake is over: whole ones of epoch 1 with application data, a
 * handshake message (a retransmitted Finished asks for our last flight again) or an alert. An alert passes only when its
 * explicit nonce begins with its epoch, as every stack writes it: werift takes other first bytes for an unprotected alert
 * and would act on it without decrypting the record. Undefined when no record is left.
 */
export function protectedRecords(datagram: Buffer): Buffer | undefined {
  const kept: Buffer[] = []
  let position = 0
  let left = MAX_DATAGRAM_RECORDS
  while (left-- > 0 && position + RECORD_HEADER_BYTES <= datagram.length) {
    const end = position + RECORD_HEADER_BYTES + datagram.readUInt16BE(position + 11)
    if (end > datagram.length) break
    const record = datagram.subarray(position, end)
    if (isProtected(record)) kept.push(record)
    position = end
  }
  if (kept.length <= 1) return kept[0]
  return Buffer.concat(kept)
}

function isProtected(record: Buffer): boolean {
  if (record.readUInt16BE(3) !== 1) return false
  const type = record[0]
  if (type === APPLICATION_DATA || type === HANDSHAKE) return true
  return (
    type === ALERT &&
    record.length > RECORD_HEADER_BYTES + 2 &&
    record.readUInt16BE(RECORD_HEADER_BYTES) === 1
  )
}
