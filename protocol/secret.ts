/** A value that must not be printed: whatever turns it into text by accident gets `***`. */

const HIDDEN = '***'

/** Holds the words of a code or a key. `reveal` is the only way to it, so a search for that name finds every use. */
export class Secret<T = string> {
  readonly #value: T

  constructor(value: T) {
    this.#value = value
  }

  /** The value itself: for the computation that needs it, or for the one person who must see it. */
  reveal(): T {
    return this.#value
  }

  toString(): string {
    return HIDDEN
  }

  toJSON(): string {
    return HIDDEN
  }

  /** What util.inspect, console.log and assertion messages of Node print. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return HIDDEN
  }
}
