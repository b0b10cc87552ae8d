/** Calls back with the seconds that are left: at once, and then each time another one has passed. */

const SECOND_MS = 1_000

export class Countdown {
  readonly #endsAtMs: number
  readonly #now: () => number
  readonly #show: (secondsLeft: number) => void
  readonly #timer: NodeJS.Timeout

  /** `now` is monotonic, in milliseconds. Below zero it shows nothing more. */
  constructor(seconds: number, now: () => number, show: (secondsLeft: number) => void) {
    this.#now = now
    this.#show = show
    this.#endsAtMs = now() + seconds * SECOND_MS
    this.#timer = setInterval(() => this.show(), SECOND_MS)
    // The program does not run on only to count.
    this.#timer.unref()
    this.show()
  }

  show(): void {
    const left = Math.round((this.#endsAtMs - this.#now()) / SECOND_MS)
    if (left >= 0) this.#show(left)
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
