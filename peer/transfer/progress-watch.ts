/**
 * Ends a transfer in which nothing moves although the link is alive: its pings only show that the other program runs. A machine that
 * slept does not count as one that stood still, because turns of a timer are counted and not the time that has passed.
 */
import type { Clock } from '../channel.ts'

const TURN_MS = 5_000

export class ProgressWatch {
  readonly #clock: Clock
  readonly #onStall: (why: string) => void
  #cancel: () => void = () => {}
  #moved = false
  #idleTurns = 0
  #allowedTurns = 0
  #why: () => string = () => ''

  /** `onStall` is called at most once for each `expect`. */
  constructor(clock: Clock, onStall: (why: string) => void) {
    this.#clock = clock
    this.#onStall = onStall
  }

  /** From now on `moved` must be called at least every `ms`, a multiple of 5 s. `why` tells what was waited for in vain. */
  expect(ms: number, why: () => string): void {
    this.stop()
    this.#allowedTurns = ms / TURN_MS
    this.#why = why
    this.#moved = false
    this.#idleTurns = 0
    this.#turn()
  }

  /** Something moved. Cheap enough for each chunk. */
  moved(): void {
    this.#moved = true
  }

  /** Nothing is expected until the next `expect`. */
  stop(): void {
    this.#cancel()
  }

  #turn(): void {
    this.#cancel = this.#clock.after(TURN_MS, () => {
      this.#idleTurns = this.#moved ? 0 : this.#idleTurns + 1
      this.#moved = false
      if (this.#idleTurns < this.#allowedTurns) this.#turn()
      else this.#onStall(this.#why())
    })
  }
}
