/**
 * Tells the sender from time to time that the receiver is at work while no block is written: on a slow path a block takes minutes to
 * come, and a file is synced, and read once more where that is needed, before it is published.
 */
import type { Clock } from '../channel.ts'

const SIGN_EVERY_MS = 15_000

export class SignsOfWork {
  readonly #clock: Clock
  readonly #give: () => void
  #cancel: () => void = () => {}
  #moved = false
  #isPublishing = false

  /** `give` sends a sign. It begins with the first one due, until `stop`. */
  constructor(clock: Clock, give: () => void) {
    this.#clock = clock
    this.#give = give
    this.#wait()
  }

  /** Bytes have arrived. Cheap enough for each chunk. */
  moved(): void {
    this.#moved = true
  }

  /** From now on this side works without bytes arriving. */
  publishing(): void {
    this.#isPublishing = true
  }

  stop(): void {
    this.#cancel()
  }

  #wait(): void {
    this.#cancel = this.#clock.after(SIGN_EVERY_MS, () => {
      if (this.#moved || this.#isPublishing) this.#give()
      this.#moved = false
      this.#wait()
    })
  }
}
