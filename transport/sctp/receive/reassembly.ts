/**
 * Puts messages together from chunks that come in TSN order. Without interleaving (RFC 8260) a message's fragments have
 * consecutive TSNs, so there is one message under construction at a time, and TSN order is also the order within each stream.
 */
import { DataFlag } from '../wire/packet.ts'

export type DeliverMessage = (streamId: number, ppid: number, payload: Uint8Array) => void

/** `torn`: a fragment that continues nothing, or a message begun inside another. `too long`: above the limit. */
export type FragmentVerdict = 'ok' | 'torn' | 'too long'

export class Reassembly {
  /** Payload of the message under construction. */
  partialBytes = 0
  readonly #maxMessageBytes: number
  readonly #deliver: DeliverMessage
  #buffer: Buffer | undefined
  #streamId = 0
  #ppid = 0
  /** Messages of a transfer mostly have one size: the next one gets a buffer of the last one's. */
  #expectedBytes = 0
  /** After FORWARD-TSN the rest of an abandoned message may still come: it is passed over up to the next beginning. */
  #isSkipping = false

  constructor(maxMessageBytes: number, deliver: DeliverMessage) {
    this.#maxMessageBytes = maxMessageBytes
    this.#deliver = deliver
  }

  /** Takes the payload `bytes[from..to)` of the chunk with the next TSN; nobody may change the bytes afterwards. */
  add(
    flags: number,
    streamId: number,
    ppid: number,
    bytes: Uint8Array,
    from: number,
    to: number,
  ): FragmentVerdict {
    const length = to - from
    const begins = (flags & DataFlag.begin) !== 0
    const ends = (flags & DataFlag.end) !== 0
    if (begins) {
      if (this.#buffer !== undefined) return 'torn'
      if (length > this.#maxMessageBytes) return 'too long'
      this.#isSkipping = false
      if (ends) {
        this.#deliver(streamId, ppid, ownPart(bytes, from, to))
        return 'ok'
      }
      this.#streamId = streamId
      this.#ppid = ppid
      this.#buffer = Buffer.allocUnsafeSlow(Math.max(this.#expectedBytes, 2 * length))
    } else if (this.#buffer === undefined) return this.#isSkipping ? 'ok' : 'torn'
    if (streamId !== this.#streamId) return 'torn'
    if (this.partialBytes + length > this.#maxMessageBytes) return 'too long'
    copyInto(this.#roomFor(length), this.partialBytes, bytes, from, to)
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
    if (buffer === undefined) return
    const payload = ownPart(buffer, 0, length)
    this.#deliver(this.#streamId, this.#ppid, payload)
  }
}

/** `bytes[from..to)` to keep: a copy when it is the smaller part, which must not keep the whole alive. Never from Node's shared pool, for the same reason. */
export function ownPart(bytes: Uint8Array, from: number, to: number): Uint8Array {
  if (2 * (to - from) >= bytes.length) return bytes.subarray(from, to)
  const copy = Buffer.allocUnsafeSlow(to - from)
  copyInto(copy, 0, bytes, from, to)
  return copy
}

function copyInto(target: Buffer, at: number, bytes: Uint8Array, from: number, to: number): void {
  if (Buffer.isBuffer(bytes)) bytes.copy(target, at, from, to)
  else target.set(bytes.subarray(from, to), at)
}
