/** A first-in, first-out queue that turns callbacks into an async iterable for one consumer. */

type Reader<T> = { resolve: (result: IteratorResult<T, undefined>) => void; reject: (error: unknown) => void }

/**
 * Items pushed before `end` are delivered first; then the iteration ends, or throws the error given to `end`.
 * Leaving a `for await` early does not close the queue: the next iteration continues where it stopped.
 */
export class AsyncQueue<T> implements AsyncIterable<T>, AsyncIterator<T, undefined> {
  #items: T[] = []
  #readers: Reader<T>[] = []
  #ended: { readonly error: unknown } | undefined
  readonly #onRemoved: (item: T) => void

  /** `onRemoved` is called once with each item that was pushed, when a reader has taken it or it was dropped. */
  constructor(onRemoved: (item: T) => void = () => {}) {
    this.#onRemoved = onRemoved
  }

  /** Items that have not been read. */
  get length(): number {
    return this.#items.length
  }

  /** True after `end`, even while items are unread. */
  get ended(): boolean {
    return this.#ended !== undefined
  }

  /** Drops the item after `end`, so a writer need not know whether the reader is still there. */
  push(item: T): void {
    const reader = this.#readers.shift()
    if (!reader && !this.#ended) {
      this.#items.push(item)
      return
    }
    reader?.resolve({ value: item, done: false })
    this.#onRemoved(item)
  }

  /** Only the first call ends the queue. `discard` drops unread items, at any call. */
  end(error?: unknown, options: { readonly discard: boolean } = { discard: false }): void {
    const dropped = options.discard ? this.#items.splice(0) : []
    if (!this.#ended) {
      this.#ended = { error }
      for (const reader of this.#readers.splice(0)) this.#finish(reader)
    }
    for (const item of dropped) this.#onRemoved(item)
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#items.length > 0) {
      const value = this.#items.shift() as T
      this.#onRemoved(value)
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

  #finish(reader: Reader<T>): void {
    if (this.#ended?.error === undefined) reader.resolve({ value: undefined, done: true })
    else reader.reject(this.#ended.error)
  }
}
