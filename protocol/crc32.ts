/** CRC-32 (IEEE 802.3) where the platform has none of its own, and the way it is written on the wire. */
import crc from 'crc-32'

/** The unsigned CRC-32 of `data`; `seed` chains from what came before it, 0 to begin. */
export function crc32(data: Uint8Array, seed: number): number {
  return crc.buf(data, seed) >>> 0 // the package answers a signed integer
}

/** Eight lower-case hexadecimal digits. */
export function formatCrc32(value: number): string {
  return value.toString(16).padStart(8, '0')
}
