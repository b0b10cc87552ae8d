/** Timers that end together. */

export class TimerSet {
  readonly #timers = new Set<NodeJS.Timeout>()

  /** Calls back once after `delayMs`; returns the cancellation. */
  after(delayMs: number, call: () => void): () => void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      call()
    }, delayMs)
    this.#timers.add(timer)
    return () => {
      clearTimeout(timer)
      this.#timers.delete(timer)
    }
  }

  /** Cancels all of them. New ones may be set afterwards. */
  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }
}
