/** Time and chance, handed in from outside: tests give an association a virtual clock and seeded random bytes. */
export interface Runtime {
  /** Monotonic milliseconds, with fractions. */
  now(): number
  /** Calls back once after `delayMs`; returns the function that cancels it. */
  setTimer(delayMs: number, call: () => void): () => void
  /** Calls back at the end of this turn of the event loop (setImmediate): the SACKs and data of one turn leave together. */
  defer(call: () => void): void
  /** Unpredictable bytes: tags, TSNs, nonces and keys. */
  randomBytes(length: number): Uint8Array
}
