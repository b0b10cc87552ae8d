/** Reads SACK chunks (RFC 9260 section 3.3.4): checks them, takes what they acknowledge out of flight, and sums it up. */
import { readUint16, readUint32 } from '../wire/bytes.ts'
import type { AckSample } from '../congestion/new-reno.ts'
import type { DeliveryRate } from '../congestion/delivery-rate.ts'
import type { LossRecovery } from './loss-recovery.ts'
import { type Outstanding, SlotState, wireBytes } from './outstanding-chunks.ts'
import type { RoundTrip } from './round-trip.ts'
import type { SendQueue } from './send-queue.ts'
import { add32, distance32, isAfter32 } from '../wire/serial-number.ts'

const SACK_HEADER_BYTES = 16

/** `stale` was overtaken by a later one; `broken` acknowledges what was never sent, or is malformed. */
export type SackVerdict = 'read' | 'stale' | 'broken'

/**
 * SACK = [type 3:1][flags:1][length:2][cumulative TSN:4][receiver window:4][blocks:2][duplicates:2]
 *        ([from:2][to:2], steps from the cumulative TSN) x blocks, (TSN:4) x duplicates
 */
export class Acknowledgements {
  // Of the SACK read last.
  windowBytes = 0
  blocks = 0
  lastBlockTsn = 0
  newestSentMs = 0
  readonly #ring: Outstanding
  readonly #queue: SendQueue
  readonly #rate: DeliveryRate
  readonly #recovery: LossRecovery
  readonly #roundTrip: RoundTrip

  constructor(
    ring: Outstanding,
    queue: SendQueue,
    rate: DeliveryRate,
    recovery: LossRecovery,
    roundTrip: RoundTrip,
  ) {
    this.#ring = ring
    this.#queue = queue
    this.#rate = rate
    this.#recovery = recovery
    this.#roundTrip = roundTrip
  }

  /** Reads the chunk of `length` bytes at `at` and fills in `ack`, all but what losses decide. */
  read(packet: Uint8Array, at: number, length: number, nowMs: number, ack: AckSample): SackVerdict {
    const ring = this.#ring
    if (length < SACK_HEADER_BYTES) return 'broken'
    const cumulative = readUint32(packet, at + 4)
    const blocks = readUint16(packet, at + 12)
    const duplicates = readUint16(packet, at + 14)
    // Half a circle away is neither before nor after: as a distance it is negative, and refused.
    const stepsLeft = distance32(cumulative, add32(ring.nextTsn, -1))
    if (SACK_HEADER_BYTES + 4 * (blocks + duplicates) > length || stepsLeft < 0) return 'broken'
    if (stepsLeft > ring.count) return 'stale'
    const blocksAt = at + SACK_HEADER_BYTES
    if (!areBlocksSound(packet, blocksAt, blocks, stepsLeft)) return 'broken'

    ack.nowMs = nowMs
    ack.priorInFlightBytes = ring.inFlightBytes
    ack.ackedBytes = -this.#rate.deliveredBytes
    this.newestSentMs = -1
    this.#recovery.beginSack()
    this.#rate.beginSack()
    this.#acknowledgeThrough(cumulative, nowMs)
    for (let block = 0, end = 0; block < blocks; block++) {
      const from = readUint16(packet, blocksAt + 4 * block)
      // Blocks ascend. One that goes back is passed over: overlapping ones would cost a walk over the whole window each.
      if (from <= end) continue
      end = readUint16(packet, blocksAt + 4 * block + 2)
      this.#acknowledgeRun(add32(cumulative, from), add32(cumulative, end), nowMs)
    }
    if (duplicates > 0) this.#recovery.onDuplicates(nowMs)
    this.windowBytes = readUint32(packet, at + 8)
    this.blocks = blocks
    this.lastBlockTsn =
      blocks === 0 ? cumulative : add32(cumulative, readUint16(packet, blocksAt + 4 * blocks - 2))
    ack.ackedBytes += this.#rate.deliveredBytes
    if (ack.ackedBytes > 0) this.#finish(nowMs, ack)
    return 'read'
  }

  #finish(nowMs: number, ack: AckSample): void {
    ack.rttMs = this.#recovery.onProgress(nowMs)
    ack.minRttMs = this.#roundTrip.minMs
    ack.smoothedRttMs = this.#roundTrip.smoothedMs
    this.#rate.finishSack(ack, this.#roundTrip.minMs)
  }

  #acknowledgeThrough(cumulative: number, nowMs: number): void {
    const ring = this.#ring
    while (!isAfter32(ring.firstTsn, cumulative)) {
      const tsn = ring.firstTsn
      const slot = ring.slot(tsn)
      if (ring.state[slot] !== SlotState.acknowledged) this.#acknowledge(slot, tsn, nowMs)
      ring.dropFirst()
    }
  }

  #acknowledgeRun(from: number, to: number, nowMs: number): void {
    const ring = this.#ring
    let tsn = from
    while (!isAfter32(tsn, to)) {
      const slot = ring.slot(tsn)
      if (ring.state[slot] === SlotState.acknowledged) tsn = ring.runEnd[slot] as number
      else this.#acknowledge(slot, tsn, nowMs)
      tsn = add32(tsn, 1)
    }
    ring.runEnd[ring.slot(from)] = add32(tsn, -1)
  }

  #acknowledge(slot: number, tsn: number, nowMs: number): void {
    const ring = this.#ring
    const length = ring.payloadBytes[slot] as number
    const sentMs = ring.sentMs[slot] as number
    if (sentMs > this.newestSentMs) this.newestSentMs = sentMs
    this.#recovery.onAcknowledged(slot, tsn, nowMs)
    this.#rate.onAcknowledged(ring, slot, nowMs, wireBytes(length))
    ring.markAcknowledged(slot)
    const message = ring.message(slot)
    if (message !== undefined) this.#queue.acknowledge(message, length)
  }
}

/** Every block runs forward, past the cumulative TSN, and ends at the highest TSN sent at the latest. */
function areBlocksSound(packet: Uint8Array, blocksAt: number, blocks: number, highestStep: number): boolean {
  for (let block = 0; block < blocks; block++) {
    const from = readUint16(packet, blocksAt + 4 * block)
    const to = readUint16(packet, blocksAt + 4 * block + 2)
    if (from === 0 || from > to || to > highestStep) return false
  }
  return true
}

export function emptyAck(): AckSample {
  return {
    nowMs: 0,
    ackedBytes: 0,
    priorInFlightBytes: 0,
    inFlightBytes: 0,
    deliveredBytes: 0,
    priorDeliveredBytes: 0,
    rateBytesPerSecond: 0,
    isAppLimited: false,
    rttMs: 0,
    minRttMs: 0,
    smoothedRttMs: 0,
    inFlightAtSendBytes: 0,
    lostSinceSendBytes: 0,
    isWindowLimited: false,
    inRecovery: false,
  }
}
