/** Messages that wait to be fragmented into chunks, in the order of acceptance over all streams, and the state of each stream. */
import { next16 } from '../wire/serial-number.ts'

/** An outgoing stream: created on first use, forgotten by a reset. */
export type OutgoingStream = {
  readonly id: number
  nextSequence: number
  /** Messages not yet wholly acknowledged: a reset waits until there are none (RFC 6525 section 5.1.2). */
  pendingMessages: number
  isResetting: boolean
}

export type OutgoingMessage = {
  readonly stream: OutgoingStream
  readonly sequence: number
  readonly ppid: number
  readonly isUnordered: boolean
  readonly payload: Buffer
  /** Bytes already put into chunks. */
  fragmentedBytes: number
  unacknowledgedBytes: number
}

/** The array is compacted only when many entries are done: shifting it for each message would take quadratic time. */
const COMPACT_AFTER = 1_024

export class SendQueue {
  /** Accepted and not yet put into a chunk. */
  bufferedBytes = 0
  readonly #streams = new Map<number, OutgoingStream>()
  #messages: OutgoingMessage[] = []
  #head = 0

  /** The message to fragment next, if any. */
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
      fragmentedBytes: 0,
      unacknowledgedBytes: payload.length,
    })
  }

  /** The next `length` bytes of the current message are put into a chunk. */
  takeFragment(message: OutgoingMessage, length: number): void {
    message.fragmentedBytes += length
    this.bufferedBytes -= length
    if (message.fragmentedBytes < message.payload.length) return
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

  /** Streams whose reset was requested and is not confirmed. */
  resettingStreams(): number[] {
    return [...this.#streams.values()].filter((stream) => stream.isResetting).map((stream) => stream.id)
  }

  /** After a reset the stream starts again at sequence number 0. */
  forgetStream(id: number): void {
    this.#streams.delete(id)
  }

  clear(): void {
    this.#messages = []
    this.#head = 0
    this.bufferedBytes = 0
  }
}
