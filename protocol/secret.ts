/** A value that must not be printed: converting it to text gives `***`. */

const HIDDEN = '***'

/** Holds the words of a code or a key. Only `reveal` returns it, so a search for that name finds every use. */
export class Secret<T = string> {
  readonly #value: T

  constructor(value: T) {
    this.#value = value
  }

  /** The value itself, for a computation that needs it or for the user who must see it. */
  reveal(): T {
    return this.#value
  }

  toString(): string {
    return HIDDEN
  }

  toJSON(): string {
    return HIDDEN
  }

  /** What Node's util.inspect, console.log and assertion messages print. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return HIDDEN
  }
}
