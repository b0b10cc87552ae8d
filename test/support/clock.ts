/** A clock that moves only when the test moves it. Timers expire in order, and what they start settles before the next one. */
import type { Clock } from '../../peer/channel.ts'

export class VirtualClock implements Clock {
  #now = 0
  #timers: { at: number; call: () => void }[] = []

  now(): number {
    return this.#now
  }

  after(ms: number, call: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), call }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** Timers that have been set and neither fired nor been cancelled: a test that ends with some has a leak. */
  get pending(): number {
    return this.#timers.length
  }

  /** Moves the time on by `ms`, firing each timer at its own moment. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settled()
    for (;;) {
      const due = this.#timers.filter((timer) => timer.at <= end).toSorted((a, b) => a.at - b.at)[0]
      if (!due) break
      this.#timers = this.#timers.filter((other) => other !== due)
      this.#now = Math.max(this.#now, due.at)
      due.call()
      await settled()
    }
    this.#now = end
  }

  /** Moves the time on without giving the event loop a turn in between: what a machine sees that slept. */
  async sleepThrough(ms: number): Promise<void> {
    this.#now += ms
    await this.advance(0)
  }
}

/** Resolves when every promise that could go on by itself has gone on. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}
