/**
 * Which chunks are lost, and when to act without news: time-based loss detection and tail-loss probes after RFC 8985 (RACK-TLP),
 * the retransmission timer T3 after RFC 9260 section 6.3.3 as the last resort.
 */
import { type LossSample } from '../congestion/new-reno.ts'
import { type Outstanding, SlotState, wireBytes } from './outstanding-chunks.ts'
import type { RoundTrip } from './round-trip.ts'
import { isAfter32 } from '../wire/serial-number.ts'

/** Selectively acknowledged chunks that prove a loss when the path was never seen to reorder (RFC 8985 section 6.2). */
const DUPLICATE_THRESHOLD = 3
const MIN_PROBE_MS = 10
/** A single packet's SACK may be held back by the peer, although we ask for it at once. */
const LONE_PACKET_SACK_DELAY_MS = 50
/** Duplicates widen the reordering window for this many loss episodes (RFC 8985 section 6.2, step 4). */
const WIDE_WINDOW_EPISODES = 16
/** A SACK this long was perhaps cut short by its packet: about what lies beyond its last block it says nothing. */
const TRUNCATED_SACK_BLOCKS = 100

export type TimerAction = 'none' | 'losses' | 'probe' | 'timeout'

export class LossRecovery {
  /** T3 expiries since the last progress. */
  backOff = 0
  /** Chunks sent up to here belong to the present loss episode. */
  episodeMs = -Infinity
  readonly #ring: Outstanding
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
  /** Newest sending time among this SACK's chunks that were sent once: its round-trip sample. */
  #onceSentMs = -1
  #progressMs = 0
  #lastSentMs = 0
  #isProbing = false
  /** The chunk that the last probe sent again, and what it weighs once its arrival has shown that the first one was lost. */
  #probedTsn = -1
  #repairedBytes = 0

  constructor(ring: Outstanding, roundTrip: RoundTrip) {
    this.#ring = ring
    this.#roundTrip = roundTrip
    this.#highestTsn = (ring.firstTsn - 1) >>> 0
  }

  onSent(nowMs: number): void {
    // A timer that would start with this chunk must not count the time when there was nothing to wait for.
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
      return // this answers an earlier transmission: it says nothing about the latest one
    }
    if (tsn === this.#probedTsn) this.#repairedBytes = wireBytes(this.#ring.payloadBytes[slot] as number)
    if (isAfter32(tsn, this.#highestTsn)) this.#highestTsn = tsn
    else if (wasSentOnce) this.#hasReordering = true
    if (sentMs > this.#newestSentMs || (sentMs === this.#newestSentMs && isAfter32(tsn, this.#newestTsn))) {
      this.#newestSentMs = sentMs
      this.#newestTsn = tsn
      this.#newestRttMs = nowMs - sentMs
    }
  }

  /** After the chunks of a SACK that acknowledged something. Returns the round-trip sample, 0 when there is none. */
  onProgress(nowMs: number): number {
    this.#progressMs = nowMs
    this.backOff = 0
    this.#isProbing = false
    if (this.#onceSentMs < 0) return 0
    this.#roundTrip.sample(nowMs - this.#onceSentMs)
    return this.#roundTrip.latestMs
  }

  /** The peer got something twice: what we took for loss was delay. Wait longer, once a round trip. */
  onDuplicates(nowMs: number): void {
    if (nowMs - this.#widenedMs < this.#roundTrip.smoothedMs) return
    this.#widenedMs = nowMs
    this.#windowFactor++
    this.#wideEpisodes = WIDE_WINDOW_EPISODES
  }

  /** Moves what must be lost by now to the lost list and adds it up in `loss`. `lastBlockTsn` ends a SACK of `blocks` gap blocks. */
  detect(nowMs: number, loss: LossSample, blocks: number, lastBlockTsn: number): void {
    const ring = this.#ring
    this.#reorderDeadlineMs = Infinity
    this.#addRepaired(loss)
    const waitMs = this.#newestRttMs + this.#reorderWindowMs()
    let slot = ring.inFlight.head
    while (slot >= 0) {
      const sentMs = ring.sentMs[slot] as number
      const tsn = ring.tsn[slot] as number
      if (sentMs > this.#newestSentMs) return
      if (sentMs === this.#newestSentMs && !isAfter32(this.#newestTsn, tsn)) return
      const next = ring.following(slot)
      if (blocks < TRUNCATED_SACK_BLOCKS || !isAfter32(tsn, lastBlockTsn)) {
        if (sentMs + waitMs > nowMs) {
          this.#reorderDeadlineMs = sentMs + waitMs
          return
        }
        this.#lose(slot, loss)
      }
      slot = next
    }
  }

  /** Where the next loss would begin a new episode. */
  beginEpisode(nowMs: number): void {
    this.episodeMs = nowMs
    if (this.#wideEpisodes > 0 && --this.#wideEpisodes === 0) this.#windowFactor = 1
  }

  /** When to call `due` next; Infinity when nothing is outstanding. */
  deadlineMs(): number {
    if (this.#ring.isEmpty) return Infinity
    return Math.min(this.#reorderDeadlineMs, this.#probeDueMs(), this.#timeoutDueMs())
  }

  due(nowMs: number): TimerAction {
    if (this.#ring.isEmpty) return 'none'
    if (nowMs >= this.#timeoutDueMs()) return 'timeout'
    if (nowMs >= this.#reorderDeadlineMs) return 'losses'
    return nowMs >= this.#probeDueMs() ? 'probe' : 'none'
  }

  /** A probe leaves: until it is answered only T3 acts. `tsn` is the chunk that it sends again, -1 when it is new data. */
  onProbe(nowMs: number, tsn: number): void {
    this.#isProbing = true
    this.#probedTsn = tsn
    this.#progressMs = nowMs
  }

  /** T3 has expired: the oldest chunk is lost, and so is whatever is older than a round trip. */
  onTimeout(nowMs: number, loss: LossSample): void {
    const ring = this.#ring
    this.backOff++
    this.#progressMs = nowMs
    this.#isProbing = false
    this.#reorderDeadlineMs = Infinity
    if (ring.state[ring.slot(ring.firstTsn)] === SlotState.acknowledged) ring.markReneged()
    const olderThanMs = nowMs - this.#roundTrip.smoothedMs
    let slot = ring.inFlight.head
    while (slot >= 0) {
      const next = ring.following(slot)
      if (loss.lostBytes > 0 && (ring.sentMs[slot] as number) > olderThanMs) return
      this.#lose(slot, loss)
      slot = next
    }
  }

  /** What is in flight was refused by a closed window, not lost by the path: send it again without a verdict. */
  loseAll(loss: LossSample): void {
    while (this.#ring.inFlight.head >= 0) this.#lose(this.#ring.inFlight.head, loss)
  }

  /** A loss that a probe has repaired is a loss to the controller all the same (RFC 8985 section 7.4). */
  #addRepaired(loss: LossSample): void {
    if (this.#repairedBytes === 0) return
    loss.lostBytes += this.#repairedBytes
    loss.startsEpisode = true
    loss.inFlightAtSendBytes = this.#repairedBytes
    this.#repairedBytes = 0
    this.#probedTsn = -1
  }

  #lose(slot: number, loss: LossSample): void {
    const ring = this.#ring
    if ((ring.sentMs[slot] as number) > this.episodeMs) loss.startsEpisode = true
    loss.lostBytes += wireBytes(ring.payloadBytes[slot] as number)
    loss.inFlightAtSendBytes = ring.inFlightAtSend[slot] as number
    ring.markLost(slot)
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
    if (this.#isProbing || this.backOff > 0 || roundTrip.smoothedMs === 0) return Infinity
    if (ring.inFlight.count === 0 || ring.lost.count > 0 || this.#reorderDeadlineMs !== Infinity)
      return Infinity
    const sackDelayMs = ring.inFlight.count === 1 ? LONE_PACKET_SACK_DELAY_MS : 0
    return (
      Math.max(this.#lastSentMs, this.#progressMs) +
      Math.max(2 * roundTrip.smoothedMs, MIN_PROBE_MS) +
      sackDelayMs
    )
  }

  #timeoutDueMs(): number {
    return this.#progressMs + this.#roundTrip.timeoutMs(this.backOff)
  }
}

export function emptyLoss(): LossSample {
  return { nowMs: 0, lostBytes: 0, inFlightBytes: 0, startsEpisode: false, inFlightAtSendBytes: 0 }
}
