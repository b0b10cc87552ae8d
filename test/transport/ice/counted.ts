/** Counts what reading a datagram costs, in place of the time that it takes. */

/** `bytes` as a Buffer that counts each number read from it and each byte of every part taken from it. */
export function counted(bytes: Uint8Array): { readonly buffer: Buffer; readonly cost: () => number } {
  const buffer = Buffer.from(bytes)
  let cost = 0
  for (const method of ['readUInt8', 'readUInt16BE', 'readUInt32BE'] as const) {
    const read = buffer[method].bind(buffer)
    buffer[method] = (at) => {
      cost++
      return read(at)
    }
  }
  for (const method of ['subarray', 'slice'] as const) {
    const take = buffer[method].bind(buffer)
    buffer[method] = (start, end) => {
      const part = take(start, end)
      cost += part.length
      return part
    }
  }
  return { buffer, cost: () => cost }
}
