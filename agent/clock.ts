/** Node's monotonic time as the clock that peer/ takes. */
import type { Clock } from '../peer/channel.ts'

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },
}
