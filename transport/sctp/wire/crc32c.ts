/** CRC32c (Castagnoli) over an SCTP packet, RFC 9260 appendix A, by slicing-by-8: one table look-up for each byte, eight bytes a step. */

const POLYNOMIAL = 0x82f63b78
const ROW = 256

/** Row k holds the effect of a byte that is followed by k more bytes of the same step. */
const table = makeTable()

function makeTable(): Int32Array {
  const rows = new Int32Array(8 * ROW)
  for (let byte = 0; byte < ROW; byte++) {
    let value = byte
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1
    rows[byte] = value
  }
  for (let row = 1; row < 8; row++) {
    for (let byte = 0; byte < ROW; byte++) {
      const before = rows[(row - 1) * ROW + byte] as number
      rows[row * ROW + byte] = (before >>> 8) ^ (rows[before & 255] as number)
    }
  }
  return rows
}

function step(register: number, byte: number): number {
  return (register >>> 8) ^ (table[(register ^ byte) & 255] as number)
}

/** Continues `register` (start with -1) over `bytes[from..to)`. The CRC is the register's complement. */
export function updateCrc32c(register: number, bytes: Uint8Array, from: number, to: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let crc = register
  let at = from
  for (const last = to - 8; at <= last; at += 8) {
    const low = crc ^ view.getInt32(at, true)
    const high = view.getInt32(at + 4, true)
    crc =
      (table[1792 + (low & 255)] as number) ^
      (table[1536 + ((low >>> 8) & 255)] as number) ^
      (table[1280 + ((low >>> 16) & 255)] as number) ^
      (table[1024 + (low >>> 24)] as number) ^
      (table[768 + (high & 255)] as number) ^
      (table[512 + ((high >>> 8) & 255)] as number) ^
      (table[256 + ((high >>> 16) & 255)] as number) ^
      (table[high >>> 24] as number)
  }
  for (; at < to; at++) crc = step(crc, bytes[at] as number)
  return crc
}

/** The checksum of the packet `bytes[0..length)`, whose own checksum field (bytes 8 to 11) counts as zero. */
export function packetChecksum(bytes: Uint8Array, length: number): number {
  let crc = -1
  for (let at = 0; at < 12; at++) crc = step(crc, at < 8 ? (bytes[at] as number) : 0)
  return ~updateCrc32c(crc, bytes, 12, length) >>> 0
}
