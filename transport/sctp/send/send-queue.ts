/** Messages that wait to be cut into chunks, first come first served over all streams, and the streams' numbers. */
import { next16 } from '../wire/serial-number.ts'

/** One direction of a stream, made on first use and forgotten by a reset. */
export type OutgoingStream = {
  readonly id: number
  nextSequence: number
  /** Messages accepted and not yet wholly acknowledged: a reset waits for none (RFC 6525 section 5.1.2). */
  pendingMessages: number
  isResetting: boolean
}

export type OutgoingMessage = {
  readonly stream: OutgoingStream
  readonly sequence: number
  readonly ppid: number
  readonly isUnordered: boolean
  readonly payload: Buffer
  /** Bytes already given to chunks. */
  cutBytes: number
  unacknowledgedBytes: number
}

/** Compact the array only when the dead part is large: shifting it for each message would be quadratic. */
const COMPACT_AFTER = 1_024

export class SendQueue {
  /** Accepted and not yet given to a chunk. */
  bufferedBytes = 0
  readonly #streams = new Map<number, OutgoingStream>()
  #messages: OutgoingMessage[] = []
  #head = 0

  /** The message to cut next, if any. */
  get current(): OutgoingMessage | undefined {
    return this.#messages[this.#head]
  }

  get isEmpty(): boolean {
    return this.#head === this.#messages.length
  }

  push(streamId: number, ppid: number, payload: Uint8Array, isUnordered: boolean): void {
    const stream = this.stream(streamId)
    const sequence = isUnordered ? 0 : stream.nextSequence
    if (!isUnordered) stream.nextSequence = next16(sequence)
    stream.pendingMessages++
    this.bufferedBytes += payload.length
    this.#messages.push({
      stream,
      sequence,
      ppid,
      isUnordered,
      payload: Buffer.from(payload.buffer, payload.byteOffset, payload.length),
      cutBytes: 0,
      unacknowledgedBytes: payload.length,
    })
  }

  /** Takes the next `length` bytes of the current message. */
  cut(message: OutgoingMessage, length: number): void {
    message.cutBytes += length
    this.bufferedBytes -= length
    if (message.cutBytes < message.payload.length) return
    this.#head++
    if (this.#head > COMPACT_AFTER && this.#head * 2 > this.#messages.length) {
      this.#messages.splice(0, this.#head)
      this.#head = 0
    }
    if (this.#head === this.#messages.length) this.clear()
  }

  acknowledge(message: OutgoingMessage, length: number): void {
    message.unacknowledgedBytes -= length
    if (message.unacknowledgedBytes === 0) message.stream.pendingMessages--
  }

  stream(id: number): OutgoingStream {
    let stream = this.#streams.get(id)
    if (stream === undefined) {
      stream = { id, nextSequence: 0, pendingMessages: 0, isResetting: false }
      this.#streams.set(id, stream)
    }
    return stream
  }

  isResetting(id: number): boolean {
    return this.#streams.get(id)?.isResetting === true
  }

  /** Streams whose reset was asked for and is not confirmed. */
  resettingStreams(): number[] {
    return [...this.#streams.values()].filter((stream) => stream.isResetting).map((stream) => stream.id)
  }

  /** After a reset the stream begins again at sequence number 0. */
  forgetStream(id: number): void {
    this.#streams.delete(id)
  }

  clear(): void {
    this.#messages = []
    this.#head = 0
    this.bufferedBytes = 0
  }
}
