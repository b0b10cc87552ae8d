/** Node's monotonic time as the clock that peer/ takes. */
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
