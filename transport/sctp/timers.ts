/**
 * Every timer of an association, its numbers and their reasons. `Timers` below sets, clears and dispatches them all.
 *
 * | timer        | name in the RFCs                | runs while                      | expires after            | then                        |
 * |--------------|---------------------------------|---------------------------------|--------------------------|-----------------------------|
 * | handshake    | T1-init, T1-cookie (9260 §5.1)  | INIT or COOKIE ECHO unanswered  | 0.5 s, doubled, up to 4 s| repeats it, 8 times         |
 * | lossRecovery | T3-rtx (9260 §6.3)              | chunks are outstanding          | RTO, doubled             | retransmits                 |
 * |              | tail-loss probe (8985 §7)       |                                 | 2 round trips            | sends one chunk             |
 * |              | RACK reordering (8985 §6.2)     | a gap may be mere reordering    | up to 1 round trip       | declares chunks lost        |
 * | pacing       | -                               | the rate allows no packet yet   | 1 ms                     | sends what the rate allows  |
 * | sack         | delayed SACK (9260 §6.2)        | DATA is unacknowledged          | 20 ms, less beside gaps  | sends the SACK              |
 * | heartbeat    | HB timer (9260 §8.3)            | the association is open         | 15 s idle, then RTO      | sends a HEARTBEAT           |
 * | pathProbe    | PROBE_TIMER (8899 §5.1.1)       | a padded HEARTBEAT unanswered   | RTO                      | the size does not fit       |
 * | shutdown     | T2-shutdown (9260 §9.2)         | SHUTDOWN (ACK) unanswered       | RTO, doubled             | repeats it, 10 times        |
 * | streamReset  | RE-CONFIG timer (6525 §5.1.1)   | a reset request unanswered      | RTO, doubled             | repeats it, 10 times        |
 *
 * RTO and its doubling are in retransmission-timeout.ts. There is no T5-shutdown-guard (9260 §9.2): the owner of an association
 * limits how long it waits for the end.
 */
import type { Runtime } from './runtime.ts'

export const Timer = {
  handshake: 0,
  lossRecovery: 1,
  pacing: 2,
  sack: 3,
  heartbeat: 4,
  pathProbe: 5,
  shutdown: 6,
  streamReset: 7,
} as const
export type Timer = (typeof Timer)[keyof typeof Timer]

/** RFC 9260 begins with 1 s. Less is safe here: nothing else is on the path that an early second INIT could disturb. */
export const HANDSHAKE_FIRST_TIMEOUT_MS = 500
export const HANDSHAKE_MAX_TIMEOUT_MS = 4_000
/** Max.Init.Retransmits (RFC 9260 section 16). */
export const MAX_INIT_RETRANSMISSIONS = 8

/** RTO.Initial (RFC 9260 section 16). */
export const RTO_INITIAL_MS = 1_000
/** RTO.Min is 1 s in RFC 9260; every WebRTC stack uses less. It must exceed the 200 ms for which a peer may delay a SACK. */
export const RTO_MIN_MS = 300
/** RTO.Max is 60 s in RFC 9260: ten expiries of that would be ten minutes until a lost peer is noticed. */
export const RTO_MAX_MS = 10_000
/** Association.Max.Retrans (RFC 9260 section 16): expiries in a row after which the peer counts as lost. */
export const MAX_RETRANSMISSIONS = 10

/** A probe comes after two round trips (RFC 8985 section 7.2), but not sooner than this: host timers cannot keep less. */
export const PROBE_MIN_MS = 10
/** Added when one packet is in flight: the peer may delay its SACK, although it is asked not to. */
export const PROBE_LONE_PACKET_MS = 50

/** One timer tick for many packets: a timer for each packet would cost more than the packet. */
export const PACING_INTERVAL_MS = 1

/** RFC 9260 section 6.2 recommends at most 200 ms and forbids more than 500 ms. */
export const SACK_DELAY_MS = 20
/**
 * SACKs keep this distance, or 1/20 of the round trip where that is less: beside a gap every packet would ask for one, which
 * costs both sides more than the data. Linux limits TCP in the same way (tcp_comp_sack_delay_ns, 2018).
 */
export const SACK_INTERVAL_MS = 1
export const SACKS_PER_ROUND_TRIP = 20

/** HB.Interval is 30 s in RFC 9260 section 16; half of that notices a lost peer sooner. */
export const HEARTBEAT_INTERVAL_MS = 15_000

const TIMER_COUNT = Object.keys(Timer).length
/** Host timers count whole milliseconds and may fire early: what is due this soon expires now rather than a millisecond later. */
const TOLERANCE_MS = 0.5

/**
 * All timers of one association on a single host timer. They are postponed with every packet and rarely expire, so setting
 * one later only stores a number: the host timer fires at the old time and is then started again for what is due next.
 */
export class Timers {
  readonly #runtime: Runtime
  readonly #dueMs = new Float64Array(TIMER_COUNT).fill(Infinity)
  readonly #handlers: (() => void)[] = Array.from({ length: TIMER_COUNT }, () => () => {})
  readonly #onHostTimer = (): void => this.#dispatch()
  #hostTimerMs = Infinity
  #cancelHostTimer: (() => void) | undefined
  #isDispatching = false
  #hasStopped = false

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  /** Sets what happens when `timer` expires. It is cleared before the call. */
  onExpiry(timer: Timer, handler: () => void): void {
    this.#handlers[timer] = handler
  }

  /** Expires at `atMs` on the runtime's clock, whatever was set before. Infinity clears. */
  set(timer: Timer, atMs: number): void {
    if (this.#hasStopped) return
    this.#dueMs[timer] = atMs
    if (atMs < this.#hostTimerMs && !this.#isDispatching) this.#startHostTimer(atMs)
  }

  /** Expires at `atMs`, or earlier if it is already set to. */
  setIfEarlier(timer: Timer, atMs: number): void {
    if (atMs < (this.#dueMs[timer] as number)) this.set(timer, atMs)
  }

  clear(timer: Timer): void {
    this.#dueMs[timer] = Infinity
  }

  /** Clears all timers for good and gives the host timer back, so that it does not keep the process alive. */
  stop(): void {
    this.#hasStopped = true
    this.#dueMs.fill(Infinity)
    this.#cancelHostTimer?.()
    this.#cancelHostTimer = undefined
  }

  #startHostTimer(atMs: number): void {
    this.#cancelHostTimer?.()
    this.#hostTimerMs = atMs
    this.#cancelHostTimer = this.#runtime.setTimer(Math.max(0, atMs - this.#runtime.now()), this.#onHostTimer)
  }

  #dispatch(): void {
    const dueByMs = this.#runtime.now() + TOLERANCE_MS
    this.#cancelHostTimer = undefined
    this.#hostTimerMs = Infinity
    this.#isDispatching = true
    try {
      for (let timer = 0; timer < TIMER_COUNT; timer++) {
        if ((this.#dueMs[timer] as number) > dueByMs) continue
        this.#dueMs[timer] = Infinity
        this.#handlers[timer]?.()
      }
    } finally {
      this.#isDispatching = false
      this.#startForNext()
    }
  }

  #startForNext(): void {
    let nextMs = Infinity
    for (const dueMs of this.#dueMs) if (dueMs < nextMs) nextMs = dueMs
    if (nextMs < Infinity) this.#startHostTimer(nextMs)
  }
}
