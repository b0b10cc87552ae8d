/** Messages that have arrived and were not read yet: what a channel hands out as its `messages`. */
import { TransportError } from './transport-error.ts'

/** A queue with one writer and one reader. `onTaken` is called with the bytes that the reader has taken, for flow control. */
export class ReceivedMessages implements AsyncIterable<Uint8Array> {
  readonly #onTaken: (bytes: number) => void
  #messages: Uint8Array[] = []
  #unreadBytes = 0
  #reader: { resolve(result: IteratorResult<Uint8Array>): void; reject(error: Error): void } | undefined
  #end: { error: Error | undefined } | undefined
  #hasReader = false

  constructor(onTaken: (bytes: number) => void = () => {}) {
    this.#onTaken = onTaken
  }

  /** Bytes that wait for the reader. */
  get unreadBytes(): number {
    return this.#unreadBytes
  }

  /** Ignored after the end. */
  push(message: Uint8Array): void {
    if (this.#end) return
    const reader = this.#reader
    if (reader) {
      this.#reader = undefined
      this.#onTaken(message.length)
      reader.resolve({ done: false, value: message })
      return
    }
    this.#unreadBytes += message.length
    this.#messages.push(message)
  }

  /** Ends the sequence after what is unread; with `error`, by throwing it. Only the first end counts. */
  end(error?: Error): void {
    if (this.#end) return
    this.#end = { error }
    const reader = this.#reader
    this.#reader = undefined
    if (error) reader?.reject(error)
    else reader?.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    if (this.#hasReader) throw new TransportError('internal', 'the messages of a channel can be read once')
    this.#hasReader = true
    return {
      next: () => this.#next(),
      return: () => {
        this.#discard()
        return Promise.resolve({ done: true, value: undefined })
      },
    }
  }

  #next(): Promise<IteratorResult<Uint8Array>> {
    const message = this.#messages.shift()
    if (message) {
      this.#unreadBytes -= message.length
      this.#onTaken(message.length)
      return Promise.resolve({ done: false, value: message })
    }
    if (this.#end?.error) return Promise.reject(this.#end.error)
    if (this.#end) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject }
    })
  }

  /** The reader has stopped early: what is unread is dropped, and so is what arrives later. */
  #discard(): void {
    this.#messages = []
    this.#unreadBytes = 0
    this.end()
  }
}
