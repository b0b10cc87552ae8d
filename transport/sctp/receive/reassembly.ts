/**
 * Puts messages together from chunks in TSN order. Without interleaving (RFC 8260) the fragments of a message have
 * consecutive TSNs, so only one message is incomplete at a time, and TSN order is also the order within each stream.
 */
import { copyBytes, retainable } from '../wire/bytes.ts'
import { type DataChunk, DataFlag } from '../wire/data-chunk.ts'

export type DeliverMessage = (streamId: number, ppid: number, payload: Uint8Array) => void

/** `unexpected`: a fragment that continues no message, or begins one inside another. `too long`: above the limit. */
export type FragmentVerdict = 'ok' | 'unexpected' | 'too long'

export class Reassembly {
  /** Payload received of the incomplete message. */
  partialBytes = 0
  readonly #maxMessageBytes: number
  readonly #deliver: DeliverMessage
  #buffer: Buffer | undefined
  #streamId = 0
  #ppid = 0
  /** Most messages of a transfer have one size: the next one gets a buffer of the size of the last. */
  #expectedBytes = 0
  /** After FORWARD-TSN the rest of an abandoned message may still arrive: it is ignored up to the next first fragment. */
  #isSkipping = false

  constructor(maxMessageBytes: number, deliver: DeliverMessage) {
    this.#maxMessageBytes = maxMessageBytes
    this.#deliver = deliver
  }

  /** Takes the chunk with the next TSN; its payload must not change afterwards. */
  add(chunk: DataChunk): FragmentVerdict {
    const { payloadBytes: length, payloadAt, bytes, streamId } = chunk
    const ends = (chunk.flags & DataFlag.end) !== 0
    if ((chunk.flags & DataFlag.begin) !== 0) {
      if (this.#buffer !== undefined) return 'unexpected'
      if (length > this.#maxMessageBytes) return 'too long'
      this.#isSkipping = false
      if (ends) {
        this.#deliver(streamId, chunk.ppid, retainable(bytes, payloadAt, payloadAt + length))
        return 'ok'
      }
      this.#streamId = streamId
      this.#ppid = chunk.ppid
      this.#buffer = Buffer.allocUnsafeSlow(Math.max(this.#expectedBytes, 2 * length))
    } else if (this.#buffer === undefined) return this.#isSkipping ? 'ok' : 'unexpected'
    if (streamId !== this.#streamId) return 'unexpected'
    if (this.partialBytes + length > this.#maxMessageBytes) return 'too long'
    copyBytes(this.#roomFor(length), this.partialBytes, bytes, payloadAt, payloadAt + length)
    this.partialBytes += length
    if (ends) this.#finish()
    return 'ok'
  }

  /** The peer has given up what it was sending (RFC 3758). */
  abandon(): void {
    this.#isSkipping = true
    this.#buffer = undefined
    this.partialBytes = 0
  }

  #roomFor(length: number): Buffer {
    const needed = this.partialBytes + length
    let buffer = this.#buffer ?? Buffer.alloc(0)
    if (needed > buffer.length) {
      const larger = Buffer.allocUnsafeSlow(
        Math.max(needed, Math.min(2 * buffer.length, this.#maxMessageBytes)),
      )
      buffer.copy(larger, 0, 0, this.partialBytes)
      buffer = larger
      this.#buffer = larger
    }
    return buffer
  }

  #finish(): void {
    const { partialBytes: length } = this
    const buffer = this.#buffer
    this.#buffer = undefined
    this.partialBytes = 0
    this.#expectedBytes = length
    if (buffer !== undefined) this.#deliver(this.#streamId, this.#ppid, retainable(buffer, 0, length))
  }
}
