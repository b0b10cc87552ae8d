/**
 * Decides which chunks are lost, and what to do when no SACK comes: time-based loss detection and tail-loss probes after
 * RFC 8985 (RACK-TLP), and as the last resort the retransmission timer T3 (RFC 9260 section 6.3.3).
 */
import { retransmissionTimeoutMs } from '../retransmission-timeout.ts'
import { PROBE_LONE_PACKET_MS, PROBE_MIN_MS } from '../timers.ts'
import type { Tracer } from '../trace.ts'
import { dataChunkBytes } from '../wire/data-chunk.ts'
import type { Sack } from '../wire/sack-chunk.ts'
import { add32, isAfter32 } from '../wire/serial-number.ts'
import { type OutstandingChunks, SlotState } from './outstanding-chunks.ts'
import type { RoundTrip } from './round-trip.ts'

/** Selectively acknowledged chunks that prove a loss as long as the path was never seen to reorder (RFC 8985 section 6.2). */
const DUPLICATE_THRESHOLD = 3
/** Duplicates widen the reordering window for this many loss episodes (RFC 8985 section 6.2, step 4). */
const WIDE_WINDOW_EPISODES = 16
/** A SACK with this many blocks may have been limited by its packet: it says nothing about chunks beyond its last block. */
const TRUNCATED_SACK_BLOCKS = 100

/** What the loss recovery timer has expired for. */
export type RecoveryAction = 'none' | 'losses' | 'probe' | 'timeout'

export class LossRecovery {
  /** Expiries of T3 since anything was last acknowledged. */
  expiries = 0
  /** Chunks sent up to this time belong to the current loss episode. */
  episodeMs = -Infinity
  // What the last search for losses has found.
  foundBytes = 0
  /** One of them was sent after the current episode began. */
  foundStartsEpisode = false
  /** In flight just after the newest of them was sent. */
  foundInFlightAtSendBytes = 0
  tracer: Tracer | undefined
  readonly #ring: OutstandingChunks
  readonly #roundTrip: RoundTrip
  // The most recently sent chunk that is acknowledged (RFC 8985: RACK.xmit_ts, RACK.end_seq, RACK.rtt).
  #newestSentMs = -1
  #newestTsn = 0
  #newestRttMs = 0
  #highestTsn: number
  #hasReordering = false
  #windowFactor = 1
  #wideEpisodes = 0
  #widenedMs = -Infinity
  #reorderDeadlineMs = Infinity
  /** Latest sending time among the current SACK's chunks that were sent only once: its round-trip sample. */
  #onceSentMs = -1
  #progressMs = 0
  #lastSentMs = 0
  #isProbing = false
  /** The chunk that the last probe retransmitted, and its size once an acknowledgement has shown that the original was lost. */
  #probedTsn = -1
  #repairedBytes = 0

  constructor(ring: OutstandingChunks, roundTrip: RoundTrip) {
    this.#ring = ring
    this.#roundTrip = roundTrip
    this.#highestTsn = add32(ring.firstTsn, -1)
  }

  onSent(nowMs: number): void {
    // The timer starts with this chunk: time when nothing was in flight does not count.
    if (this.#ring.inFlight.count === 1) this.#progressMs = nowMs
    this.#lastSentMs = nowMs
  }

  beginSack(): void {
    this.#onceSentMs = -1
  }

  onAcknowledged(slot: number, tsn: number, nowMs: number): void {
    const sentMs = this.#ring.sentMs[slot] as number
    const wasSentOnce = this.#ring.transmissions[slot] === 1
    if (wasSentOnce) {
      if (sentMs > this.#onceSentMs) this.#onceSentMs = sentMs
    } else if (nowMs - sentMs < this.#roundTrip.minMs) {
      return // This acknowledges an earlier transmission and says nothing about the latest one.
    }
    if (tsn === this.#probedTsn) this.#repairedBytes = dataChunkBytes(this.#ring.payloadBytes[slot] as number)
    if (isAfter32(tsn, this.#highestTsn)) this.#highestTsn = tsn
    else if (wasSentOnce) this.#hasReordering = true
    if (sentMs > this.#newestSentMs || (sentMs === this.#newestSentMs && isAfter32(tsn, this.#newestTsn))) {
      this.#newestSentMs = sentMs
      this.#newestTsn = tsn
      this.#newestRttMs = nowMs - sentMs
    }
  }

  /** All chunks of a SACK that acknowledges something were given to `onAcknowledged`. Returns the round-trip sample, 0 for none. */
  onProgress(nowMs: number): number {
    this.#progressMs = nowMs
    this.expiries = 0
    this.#isProbing = false
    if (this.#onceSentMs < 0) return 0
    this.#roundTrip.sample(nowMs - this.#onceSentMs)
    return this.#roundTrip.latestMs
  }

  /** The peer has received something twice, so it was late and not lost: from now on wait longer. Counts once a round trip. */
  onDuplicates(nowMs: number): void {
    if (nowMs - this.#widenedMs < this.#roundTrip.smoothedMs) return
    this.#widenedMs = nowMs
    this.#windowFactor++
    this.#wideEpisodes = WIDE_WINDOW_EPISODES
  }

  /**
   * Finds the chunks that must be lost by now and moves them to the lost list; `sack` is the one that has just been applied,
   * if any. Returns their bytes.
   */
  detectLosses(nowMs: number, sack?: Sack): number {
    const ring = this.#ring
    this.#reorderDeadlineMs = Infinity
    this.#beginSearch()
    this.#addRepaired()
    const lastNamedTsn = sack === undefined ? undefined : lastTsnNamed(sack)
    const waitMs = this.#newestRttMs + this.#reorderWindowMs()
    let slot = ring.inFlight.head
    while (slot >= 0) {
      const sentMs = ring.sentMs[slot] as number
      const tsn = ring.tsn[slot] as number
      if (sentMs > this.#newestSentMs) break
      if (sentMs === this.#newestSentMs && !isAfter32(this.#newestTsn, tsn)) break
      const next = ring.following(slot)
      if (lastNamedTsn === undefined || !isAfter32(tsn, lastNamedTsn)) {
        if (sentMs + waitMs > nowMs) {
          this.#reorderDeadlineMs = sentMs + waitMs
          break
        }
        this.#lose(slot)
      }
      slot = next
    }
    return this.foundBytes
  }

  /** Losses among what is sent from now on begin a new episode. */
  beginEpisode(nowMs: number): void {
    this.episodeMs = nowMs
    if (this.#wideEpisodes > 0 && --this.#wideEpisodes === 0) this.#windowFactor = 1
  }

  /** When to call `due` next; Infinity when nothing is outstanding. */
  deadlineMs(): number {
    if (this.#ring.isEmpty) return Infinity
    return Math.min(this.#reorderDeadlineMs, this.#probeDueMs(), this.#timeoutDueMs())
  }

  /** What the timer has expired for. */
  due(nowMs: number): RecoveryAction {
    if (this.#ring.isEmpty) return 'none'
    if (nowMs >= this.#timeoutDueMs()) return 'timeout'
    if (nowMs >= this.#reorderDeadlineMs) return 'losses'
    return nowMs >= this.#probeDueMs() ? 'probe' : 'none'
  }

  /** A probe leaves: until it is answered only T3 acts. `tsn` is the chunk that it retransmits, -1 when it carries new data. */
  onProbe(nowMs: number, tsn: number): void {
    this.#isProbing = true
    this.#probedTsn = tsn
    this.#progressMs = nowMs
  }

  /** T3 has expired: the oldest chunk is lost, and so is every other that was sent more than a round trip ago. Returns their bytes. */
  onTimeout(nowMs: number): number {
    const ring = this.#ring
    this.expiries++
    this.#progressMs = nowMs
    this.#isProbing = false
    this.#reorderDeadlineMs = Infinity
    this.#beginSearch()
    if (ring.state[ring.slot(ring.firstTsn)] === SlotState.acknowledged) this.#loseReneged()
    const olderThanMs = nowMs - this.#roundTrip.smoothedMs
    let slot = ring.inFlight.head
    while (slot >= 0) {
      const next = ring.following(slot)
      if (this.foundBytes > 0 && (ring.sentMs[slot] as number) > olderThanMs) break
      this.#lose(slot)
      slot = next
    }
    return this.foundBytes
  }

  /** The peer has discarded what it had no room for: everything in flight is retransmitted, which says nothing about the path. */
  retransmitAll(): void {
    while (this.#ring.inFlight.head >= 0) this.#lose(this.#ring.inFlight.head)
  }

  #beginSearch(): void {
    this.foundBytes = 0
    this.foundStartsEpisode = false
  }

  /** A loss that a probe has repaired is a loss to the controller all the same (RFC 8985 section 7.4). */
  #addRepaired(): void {
    if (this.#repairedBytes === 0) return
    this.foundBytes += this.#repairedBytes
    this.foundStartsEpisode = true
    this.foundInFlightAtSendBytes = this.#repairedBytes
    this.#repairedBytes = 0
    this.#probedTsn = -1
  }

  #lose(slot: number): void {
    const ring = this.#ring
    const size = dataChunkBytes(ring.payloadBytes[slot] as number)
    if ((ring.sentMs[slot] as number) > this.episodeMs) this.foundStartsEpisode = true
    this.foundBytes += size
    this.foundInFlightAtSendBytes = ring.inFlightAtSend[slot] as number
    ring.markLost(slot)
    this.tracer?.chunk('lost', ring.tsn[slot] as number, size)
  }

  /** The lowest TSN would have been dropped if the peer still had it: it has reneged on everything beyond the cumulative TSN. */
  #loseReneged(): void {
    const ring = this.#ring
    for (let tsn = ring.firstTsn; tsn !== ring.nextTsn; tsn = add32(tsn, 1)) {
      const slot = ring.slot(tsn)
      if (ring.state[slot] !== SlotState.acknowledged) continue
      ring.markReneged(slot)
      this.tracer?.chunk('reneged', tsn, dataChunkBytes(ring.payloadBytes[slot] as number))
    }
  }

  #reorderWindowMs(): number {
    const ring = this.#ring
    if (!this.#hasReordering) {
      const selectivelyAcknowledged = ring.count - ring.inFlight.count - ring.lost.count
      if (ring.lost.count > 0 || selectivelyAcknowledged >= DUPLICATE_THRESHOLD) return 0
    }
    return Math.min((this.#windowFactor * this.#roundTrip.minMs) / 4, this.#roundTrip.smoothedMs)
  }

  #probeDueMs(): number {
    const ring = this.#ring
    const roundTrip = this.#roundTrip
    if (this.#isProbing || this.expiries > 0 || roundTrip.smoothedMs === 0) return Infinity
    if (ring.inFlight.count === 0 || ring.lost.count > 0 || this.#reorderDeadlineMs !== Infinity)
      return Infinity
    const sackDelayMs = ring.inFlight.count === 1 ? PROBE_LONE_PACKET_MS : 0
    return (
      Math.max(this.#lastSentMs, this.#progressMs) +
      Math.max(2 * roundTrip.smoothedMs, PROBE_MIN_MS) +
      sackDelayMs
    )
  }

  #timeoutDueMs(): number {
    return this.#progressMs + retransmissionTimeoutMs(this.#roundTrip, this.expiries)
  }
}

/** The last TSN that a SACK says anything about; undefined when it was certainly not limited by its packet. */
function lastTsnNamed(sack: Sack): number | undefined {
  const { blockCount, cumulativeTsn } = sack
  if (blockCount < TRUNCATED_SACK_BLOCKS) return undefined
  return add32(cumulativeTsn, sack.blockEnd(blockCount - 1))
}
