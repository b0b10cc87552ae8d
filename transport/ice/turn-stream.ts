/** The messages on a TCP or TLS connection to a TURN server (RFC 8656 section 3.1): each byte is copied at most twice. */

/** The smallest piece that tells how long a message is. */
const LENGTH_AT_BYTES = 4

export class TurnStream {
  #parts: Buffer[] = []
  #bytes = 0
  /** So many must be there before there is anything to look at. */
  #needed = LENGTH_AT_BYTES

  /** Every message that `data` completes. Undefined when what comes is neither STUN nor ChannelData: nothing after it can be read. */
  push(data: Buffer): Buffer[] | undefined {
    this.#parts.push(data)
    this.#bytes += data.length
    if (this.#bytes < this.#needed) return []
    const stream = this.#parts.length === 1 ? data : Buffer.concat(this.#parts)
    const messages: Buffer[] = []
    let at = 0
    this.#needed = LENGTH_AT_BYTES
    while (stream.length - at >= LENGTH_AT_BYTES) {
      const bytes = turnMessageBytes(stream, at)
      if (bytes === undefined) return undefined
      if (stream.length - at < bytes) {
        this.#needed = bytes
        break
      }
      messages.push(stream.subarray(at, at + bytes))
      at += bytes
    }
    this.#parts = at < stream.length ? [stream.subarray(at)] : []
    this.#bytes = stream.length - at
    return messages
  }
}

/** True for what a TURN server sends on a channel: their numbers begin with the digit 4 (RFC 8656 section 12). */
export function isChannelData(message: Buffer): boolean {
  return message.length >= LENGTH_AT_BYTES && message.readUInt8(0) >>> 4 === 4
}

/** ChannelData is padded to 4 bytes on a stream; a STUN body always ends there. */
function turnMessageBytes(stream: Buffer, at: number): number | undefined {
  const first = stream.readUInt8(at)
  const length = stream.readUInt16BE(at + 2)
  if (first >>> 4 === 4) return 4 + length + (-length & 3)
  return first < 4 && length % 4 === 0 ? 20 + length : undefined
}
