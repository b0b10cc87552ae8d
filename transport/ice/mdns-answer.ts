/** Multicast DNS messages (RFC 6762, RFC 1035 section 4) as bytes: the question for an IPv4 address, and its answer. */

// Header: [id:2][flags:2][questions:2][answers:2][authorities:2][additionals:2]. Record: [name][type:2][class:2][ttl:4][length:2][data]
const DNS_HEADER_BYTES = 12
const RESPONSE_FLAG = 0x8000
const TYPE_A = 1
const CLASS_IN = 1
/** Its highest bit tells caches to forget other records (RFC 6762 section 10.2). */
const CLASS_MASK = 0x7fff
const POINTER_BITS = 0xc0

/** RFC 6762 section 17. */
const MAX_MDNS_BYTES = 9_000

/** A name is stored in at most this many pieces that point at one another. */
const MAX_POINTERS = 4

/** The question for the IPv4 address of `name`. */
export function mdnsQuestion(name: string): Buffer {
  const header = Buffer.alloc(DNS_HEADER_BYTES)
  header.writeUInt16BE(1, 4)
  const labels = name.split('.').map((label) => Buffer.from(`\0${label}`, 'latin1'))
  for (const label of labels) label[0] = label.length - 1
  return Buffer.concat([header, ...labels, Buffer.from([0, 0, TYPE_A, 0, CLASS_IN])])
}

/**
 * The IPv4 address that `message` gives for `name`, if it is an answer that has one. Names are compared where they stand: what a
 * message costs grows with its length and no faster, wherever its pointers lead.
 */
export function mdnsAddress(message: Buffer, name: string): string | undefined {
  if (message.length < DNS_HEADER_BYTES || message.length > MAX_MDNS_BYTES) return undefined
  const isAnswer = (message.readUInt16BE(2) & RESPONSE_FLAG) !== 0 && message.readUInt16BE(4) === 0
  if (!isAnswer) return undefined
  const labels = name.toLowerCase().split('.')
  let at = DNS_HEADER_BYTES
  for (let left = message.readUInt16BE(6); left > 0; left--) {
    const fields = endOfName(message, at)
    if (fields === undefined || fields + 10 > message.length) return undefined
    const data = fields + 10
    const end = data + message.readUInt16BE(fields + 8)
    if (end > message.length) return undefined
    const isAddress =
      message.readUInt16BE(fields) === TYPE_A &&
      (message.readUInt16BE(fields + 2) & CLASS_MASK) === CLASS_IN &&
      end - data === 4
    if (isAddress && isNamed(message, at, labels)) return message.subarray(data, end).join('.')
    at = end
  }
  return undefined
}

/** Where the name at `at` ends, without following pointers. */
function endOfName(message: Buffer, at: number): number | undefined {
  while (at < message.length) {
    const length = message.readUInt8(at)
    if (length >= POINTER_BITS) return at + 2
    at += 1 + length
    if (length === 0) return at
  }
  return undefined
}

/** True when the name at `at` has exactly these labels, in any case. */
function isNamed(message: Buffer, at: number, labels: readonly string[]): boolean {
  let pointers = 0
  for (const label of [...labels, '']) {
    while ((message[at] ?? 0) >= POINTER_BITS) {
      if (++pointers > MAX_POINTERS || at + 2 > message.length) return false
      at = message.readUInt16BE(at) & 0x3fff
    }
    if (message[at] !== label.length) return false
    if (message.toString('latin1', at + 1, at + 1 + label.length).toLowerCase() !== label) return false
    at += 1 + label.length
  }
  return true
}
