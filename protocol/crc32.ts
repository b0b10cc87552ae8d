/** CRC-32 (IEEE 802.3) for platforms without one of their own, and its notation on the wire. */
import crc from 'crc-32'

/** The unsigned CRC-32 of `data`. `seed` is the CRC-32 of the bytes before it, 0 at the start. */
export function crc32(data: Uint8Array, seed: number): number {
  return crc.buf(data, seed) >>> 0 // the package returns a signed integer
}

/** Eight lower-case hexadecimal digits. */
export function formatCrc32(value: number): string {
  return value.toString(16).padStart(8, '0')
}
