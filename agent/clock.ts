/** Node's monotonic time as the clock that peer/ takes, and waiting for no longer than a time. */
import type { Clock } from '../peer/channel.ts'

const LONGEST_TIMER_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, call) {
    // Outside this range Node warns and calls at once (timers, setTimeout): a deadline that has passed is negative.
    const timer = setTimeout(call, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS))
    return () => clearTimeout(timer)
  },
}

/** What `promise` resolves with; when it has not after `ms`, what `late` returns or throws instead. */
export async function inTime<T>(promise: Promise<T>, ms: number, late: () => T): Promise<T> {
  const over = Promise.withResolvers<void>()
  const cancel = systemClock.after(ms, over.resolve)
  try {
    return await Promise.race([promise, over.promise.then(late)])
  } finally {
    cancel()
  }
}
