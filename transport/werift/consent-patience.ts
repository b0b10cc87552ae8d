/** Patience with consent checks (RFC 7675), which werift 0.25.2 lacks. */
import type { IcePair } from './internals.ts'

/** Seconds that werift thinks a round trip takes, so that an answer to a consent check counts until the next check. */
const PATIENT_RTT_S = 10

/**
 * Lets answers to consent checks count until the next check: werift drops those later than 500 ms and ends a healthy
 * connection whose queues are deep. Returns the last measured round-trip time; `onMeasured` is called with each. In seconds.
 */
export function waitForConsent(
  pair: IcePair,
  onMeasured: (seconds: number) => void = () => {},
): () => number | undefined {
  let measuredS = pair.rtt
  Object.defineProperty(pair, 'rtt', {
    get: () => PATIENT_RTT_S,
    set: (seconds: number) => {
      measuredS = seconds
      onMeasured(seconds)
    },
  })
  return () => measuredS
}
