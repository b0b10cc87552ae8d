/** Decides when a SACK leaves (RFC 9260 section 6.2): for every second packet, at once beside a gap, or after a short delay. */
import type { RoundTrip } from '../send/round-trip.ts'
import type { Runtime } from '../runtime.ts'
import { SACK_DELAY_MS, SACK_INTERVAL_MS, SACKS_PER_ROUND_TRIP, Timer, type Timers } from '../timers.ts'

const PACKETS_PER_SACK = 2
/** With that many packets unacknowledged a SACK does not even wait for the end of the turn. */
const MAX_PACKETS_PER_SACK = 64

export class SackSchedule {
  /** The next packet should carry a SACK. */
  isDue = false
  /** DATA packets since the last SACK. */
  #unacknowledgedPackets = 0
  #lastSackMs = -Infinity
  readonly #runtime: Runtime
  readonly #timers: Timers
  readonly #roundTrip: RoundTrip
  readonly #flush: (isUrgent: boolean) => void

  /** `flush` sends what is due: at once if urgent, else at the end of this turn. */
  constructor(runtime: Runtime, timers: Timers, roundTrip: RoundTrip, flush: (isUrgent: boolean) => void) {
    this.#runtime = runtime
    this.#timers = timers
    this.#roundTrip = roundTrip
    this.#flush = flush
    timers.onExpiry(Timer.sack, () => this.demand())
  }

  /** A SACK leaves at the end of this turn. */
  demand(): void {
    this.isDue = true
    this.#flush(false)
  }

  onSackSent(): void {
    this.isDue = false
    this.#unacknowledgedPackets = 0
    this.#lastSackMs = this.#runtime.now()
    this.#timers.clear(Timer.sack)
  }

  /** A packet with DATA was read. */
  onDataPacket(hasGaps: boolean): void {
    const isUrgent = ++this.#unacknowledgedPackets >= MAX_PACKETS_PER_SACK
    const nowMs = this.#runtime.now()
    const isWanted = this.#unacknowledgedPackets >= PACKETS_PER_SACK || hasGaps
    const dueMs = isWanted ? this.#lastSackMs + this.#intervalMs() : nowMs + SACK_DELAY_MS
    if (isUrgent || nowMs >= dueMs) this.isDue = true
    if (this.isDue) this.#flush(isUrgent)
    else this.#timers.setIfEarlier(Timer.sack, dueMs)
  }

  #intervalMs(): number {
    return Math.min(SACK_INTERVAL_MS, this.#roundTrip.minMs / SACKS_PER_ROUND_TRIP)
  }
}
