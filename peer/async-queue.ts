/** A first-in, first-out queue that turns callbacks into an async iterable for one consumer. */

type Reader<T> = { resolve: (result: IteratorResult<T, undefined>) => void; reject: (error: unknown) => void }

/**
 * Items pushed before `end` are delivered first; then the iteration ends, or throws the error given to `end`.
 * Leaving a `for await` early does not close the queue: the next iteration continues where it stopped.
 */
export class AsyncQueue<T> implements AsyncIterable<T>, AsyncIterator<T, undefined> {
  #items: T[] = []
  #readers: Reader<T>[] = []
  #writers: { limit: number; resolve: () => void }[] = []
  #ended: { readonly error: unknown } | undefined

  /** Items that have not been read. */
  get length(): number {
    return this.#items.length
  }

  /** True after `end`, even while items are unread. */
  get ended(): boolean {
    return this.#ended !== undefined
  }

  /** Ignored after `end`, so a writer need not know whether the reader is still there. */
  push(item: T): void {
    if (this.#ended) return
    const reader = this.#readers.shift()
    if (reader) reader.resolve({ value: item, done: false })
    else this.#items.push(item)
  }

  /** Only the first call ends the queue. `discard` drops unread items, at any call. */
  end(error?: unknown, options: { readonly discard: boolean } = { discard: false }): void {
    if (options.discard) this.#items = []
    if (this.#ended) return
    this.#ended = { error }
    for (const reader of this.#readers.splice(0)) this.#finish(reader)
    for (const writer of this.#writers.splice(0)) writer.resolve()
  }

  /** Undefined when fewer than `limit` items are unread. Otherwise resolves when that is the case, or when the queue ends. */
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

  #finish(reader: Reader<T>): void {
    if (this.#ended?.error === undefined) reader.resolve({ value: undefined, done: true })
    else reader.reject(this.#ended.error)
  }
}
