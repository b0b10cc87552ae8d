/** Big-endian integers in byte arrays. Reading past the end gives zeros, never an exception: decoders check lengths first. */

export function readUint16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] as number) << 8) | (bytes[offset + 1] as number)
}

export function readUint32(bytes: Uint8Array, offset: number): number {
  return (
    (((bytes[offset] as number) << 24) |
      ((bytes[offset + 1] as number) << 16) |
      ((bytes[offset + 2] as number) << 8) |
      (bytes[offset + 3] as number)) >>>
    0
  )
}

export function writeUint16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 8
  bytes[offset + 1] = value
}

export function writeUint32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24
  bytes[offset + 1] = value >>> 16
  bytes[offset + 2] = value >>> 8
  bytes[offset + 3] = value
}

/** `length` rounded up to a multiple of four: the size of a chunk or parameter with its padding. */
export function padded(length: number): number {
  return (length + 3) & ~3
}

/** Copies `bytes[from..to)`; a Buffer as the source spares the view that `set` would need. */
export function copyBytes(target: Buffer, at: number, bytes: Uint8Array, from: number, to: number): void {
  if (Buffer.isBuffer(bytes)) bytes.copy(target, at, from, to)
  else target.set(bytes.subarray(from, to), at)
}

/**
 * `bytes[from..to)` to keep. A copy when it is the smaller part of its memory, so that the rest can be freed; the copy is
 * never part of Node's shared pool, for the same reason.
 */
export function retainable(bytes: Uint8Array, from: number, to: number): Uint8Array {
  if (2 * (to - from) >= bytes.length) return bytes.subarray(from, to)
  const copy = Buffer.allocUnsafeSlow(to - from)
  copyBytes(copy, 0, bytes, from, to)
  return copy
}
