/** A first-in first-out queue that one consumer reads as an async iterable: what arrives by callback is handed on by `for await`. */

/**
 * Items pushed before `end` are delivered first; then the iteration ends, or throws the error given to `end`.
 * Leaving a `for await` early does not close the queue: the next iteration continues where it stopped.
 */
export class MessageQueue<T> implements AsyncIterable<T>, AsyncIterator<T, undefined> {
  #items: T[] = []
  #readers: { resolve: (result: IteratorResult<T, undefined>) => void; reject: (error: unknown) => void }[] =
    []
  #writers: { limit: number; resolve: () => void }[] = []
  #ended: { readonly error: unknown } | undefined

  get length(): number {
    return this.#items.length
  }

  /** True once `end` was called, whatever is still unread. */
  get ended(): boolean {
    return this.#ended !== undefined
  }

  /** Ignored after `end`: whoever pushes need not know that the reader has gone. */
  push(item: T): void {
    if (this.#ended) return
    const reader = this.#readers.shift()
    if (reader) reader.resolve({ value: item, done: false })
    else this.#items.push(item)
  }

  /** The first call decides. `discard` drops what nobody has read yet. */
  end(error?: unknown, options: { readonly discard: boolean } = { discard: false }): void {
    if (options.discard) this.#items = []
    if (this.#ended) return
    this.#ended = { error }
    for (const reader of this.#readers.splice(0)) this.#finish(reader)
    for (const writer of this.#writers.splice(0)) writer.resolve()
  }

  /** Undefined when fewer than `limit` items wait; otherwise resolves as soon as that is so, or when the queue has ended. */
  room(limit: number): Promise<void> | undefined {
    if (this.#ended || this.#items.length < limit) return undefined
    return new Promise((resolve) => this.#writers.push({ limit, resolve }))
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#items.length > 0) {
      const value = this.#items.shift() as T
      this.#wakeWriters()
      return Promise.resolve({ value, done: false })
    }
    return new Promise((resolve, reject) => {
      if (this.#ended) this.#finish({ resolve, reject })
      else this.#readers.push({ resolve, reject })
    })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #wakeWriters(): void {
    if (this.#writers.length === 0) return
    const waiting = this.#writers
    this.#writers = []
    for (const writer of waiting) {
      if (this.#items.length < writer.limit) writer.resolve()
      else this.#writers.push(writer)
    }
  }

  #finish(reader: {
    resolve: (result: IteratorResult<T, undefined>) => void
    reject: (error: unknown) => void
  }): void {
    if (this.#ended?.error === undefined) reader.resolve({ value: undefined, done: true })
    else reader.reject(this.#ended.error)
  }
}
