/** Applies a SACK (RFC 9260 section 6.2.1): checks it, and marks as acknowledged what it acknowledges for the first time. */
import type { DeliveryRate } from '../congestion/delivery-rate.ts'
import type { Tracer } from '../trace.ts'
import { dataChunkBytes } from '../wire/data-chunk.ts'
import type { Sack } from '../wire/sack-chunk.ts'
import { add32, distance32, isAfter32 } from '../wire/serial-number.ts'
import type { LossRecovery } from './loss-recovery.ts'
import { type OutstandingChunks, SlotState } from './outstanding-chunks.ts'
import type { SendQueue } from './send-queue.ts'

/** `stale`: overtaken by a later one. `invalid`: acknowledges what was never sent. */
export type SackVerdict = 'applied' | 'stale' | 'invalid'

export type AcknowledgementsParts = {
  readonly ring: OutstandingChunks
  readonly queue: SendQueue
  readonly rate: DeliveryRate
  readonly recovery: LossRecovery
}

export class Acknowledgements {
  // What the SACK applied last has acknowledged.
  ackedBytes = 0
  /** In flight before it. */
  priorInFlightBytes = 0
  /** When the latest of the chunks was sent. */
  newestSentMs = 0
  /** Its round-trip sample, 0 when it gives none. */
  rttMs = 0
  tracer: Tracer | undefined
  readonly #parts: AcknowledgementsParts

  constructor(parts: AcknowledgementsParts) {
    this.#parts = parts
  }

  apply(sack: Sack, nowMs: number): SackVerdict {
    const { ring, rate, recovery } = this.#parts
    const { cumulativeTsn, blockCount } = sack
    // 2^31 away is neither before nor after: as a distance it is negative, and so invalid.
    const remaining = distance32(cumulativeTsn, add32(ring.nextTsn, -1))
    if (remaining < 0) return 'invalid'
    if (remaining > ring.count) return 'stale'
    if (!areBlocksValid(sack, remaining)) return 'invalid'

    this.priorInFlightBytes = ring.inFlightBytes
    this.newestSentMs = -1
    const deliveredBefore = rate.deliveredBytes
    recovery.beginSack()
    rate.beginSack()
    this.#acknowledgeThrough(cumulativeTsn, nowMs)
    for (let block = 0, end = 0; block < blockCount; block++) {
      const start = sack.blockStart(block)
      // Blocks ascend. One that goes back is ignored: each overlapping one would cost a walk through the whole window.
      if (start <= end) continue
      end = sack.blockEnd(block)
      this.#acknowledgeRange(add32(cumulativeTsn, start), add32(cumulativeTsn, end), nowMs)
    }
    if (sack.duplicateCount > 0) recovery.onDuplicates(nowMs)
    this.ackedBytes = rate.deliveredBytes - deliveredBefore
    if (this.ackedBytes > 0) {
      this.rttMs = recovery.onProgress(nowMs)
      rate.endSack()
    }
    return 'applied'
  }

  #acknowledgeThrough(cumulativeTsn: number, nowMs: number): void {
    const { ring } = this.#parts
    while (!isAfter32(ring.firstTsn, cumulativeTsn)) {
      const tsn = ring.firstTsn
      const slot = ring.slot(tsn)
      if (ring.state[slot] !== SlotState.acknowledged) this.#acknowledge(slot, tsn, nowMs)
      ring.dropFirst()
    }
  }

  #acknowledgeRange(from: number, to: number, nowMs: number): void {
    const { ring } = this.#parts
    let tsn = from
    while (!isAfter32(tsn, to)) {
      const slot = ring.slot(tsn)
      if (ring.state[slot] === SlotState.acknowledged) tsn = ring.rangeEnd[slot] as number
      else this.#acknowledge(slot, tsn, nowMs)
      tsn = add32(tsn, 1)
    }
    ring.rangeEnd[ring.slot(from)] = add32(tsn, -1)
  }

  #acknowledge(slot: number, tsn: number, nowMs: number): void {
    const { ring, queue, rate, recovery } = this.#parts
    const length = ring.payloadBytes[slot] as number
    const sentMs = ring.sentMs[slot] as number
    if (sentMs > this.newestSentMs) this.newestSentMs = sentMs
    recovery.onAcknowledged(slot, tsn, nowMs)
    rate.onAcknowledged(ring, slot, nowMs, dataChunkBytes(length))
    ring.markAcknowledged(slot)
    const message = ring.message(slot)
    if (message !== undefined) queue.acknowledge(message, length)
    this.tracer?.chunk('acked', tsn, dataChunkBytes(length))
  }
}

/** Every block runs forward, beyond the cumulative TSN, and ends at the highest TSN sent at the latest. */
function areBlocksValid(sack: Sack, highestOffset: number): boolean {
  for (let block = 0; block < sack.blockCount; block++) {
    const start = sack.blockStart(block)
    const end = sack.blockEnd(block)
    if (start === 0 || start > end || end > highestOffset) return false
  }
  return true
}
