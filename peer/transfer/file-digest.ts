/** Size, CRC-32 and SHA-256 of a file, computed in one pass. */
import { formatCrc32 } from '../../protocol/crc32.ts'
import type { Digest, Primitives } from '../channel.ts'

/** What must be equal on both sides before a file counts as delivered. Size in bytes, sums in lower-case hexadecimal. */
export type FileSums = { readonly size: number; readonly crc32: string; readonly sha256: string }

export class FileDigest {
  #primitives: Primitives
  #sha256: Digest
  #crc32 = 0
  #size = 0

  constructor(primitives: Primitives) {
    this.#primitives = primitives
    this.#sha256 = primitives.sha256()
  }

  /** Bytes added so far. */
  get size(): number {
    return this.#size
  }

  update(bytes: Uint8Array): void {
    this.#crc32 = this.#primitives.crc32(bytes, this.#crc32)
    this.#sha256.update(bytes)
    this.#size += bytes.length
  }

  /** Ends the digest. To be called once. */
  sums(): FileSums {
    return { size: this.#size, crc32: formatCrc32(this.#crc32), sha256: hex(this.#sha256.digest()) }
  }
}

/** Lower-case hexadecimal digits. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
