/**
 * Chunks that were sent and are not yet cumulatively acknowledged: a ring of typed arrays indexed by TSN, so that sending
 * allocates nothing. Two linked lists in order of transmission run through it: the chunks in flight, and those found lost.
 */
import { dataChunkBytes } from '../wire/data-chunk.ts'
import type { OutgoingMessage } from './send-queue.ts'
import { add32 } from '../wire/serial-number.ts'

export const SlotState = { free: 0, inFlight: 1, lost: 2, acknowledged: 3 } as const

/** Enough for a 16 MiB window of 1,200-byte packets. Gap blocks would reach 65,535 TSNs (RFC 9260 section 3.3.4). */
const DEFAULT_RING_CHUNKS = 16_384
const NONE = -1

/** A linked list of slots, oldest transmission first. */
export class SlotList {
  head = NONE
  tail = NONE
  count = 0
}

export class OutstandingChunks {
  /** Lowest TSN that is not cumulatively acknowledged, and the TSN of the next new chunk: equal when nothing is outstanding. */
  firstTsn: number
  nextTsn: number
  /** Wire bytes in flight. */
  inFlightBytes = 0
  /** Payload bytes sent and not acknowledged, lost ones included: what the peer's window must have room for. */
  unacknowledgedBytes = 0
  readonly inFlight = new SlotList()
  readonly lost = new SlotList()

  readonly state: Uint8Array
  /** DATA flags as on the wire. */
  readonly flags: Uint8Array
  /** Transmissions so far, 255 at most. */
  readonly transmissions: Uint8Array
  readonly isAppLimited: Uint8Array
  readonly tsn: Uint32Array
  readonly payloadOffset: Uint32Array
  readonly payloadBytes: Uint32Array
  /** Last TSN of the acknowledged range that begins here, as far as known: gap blocks that were seen before are skipped. */
  readonly rangeEnd: Uint32Array
  readonly sentMs: Float64Array
  /** State of the connection when the chunk left: what a delivery-rate sample is computed from. */
  readonly deliveredAtSend: Float64Array
  readonly deliveredMsAtSend: Float64Array
  readonly firstSentMsAtSend: Float64Array
  readonly inFlightAtSend: Float64Array
  readonly lostAtSend: Float64Array

  readonly #messages: (OutgoingMessage | undefined)[]
  readonly #next: Int32Array
  readonly #previous: Int32Array
  readonly #mask: number

  /** `ringChunks` is a power of two, 65,536 at most. */
  constructor(initialTsn: number, ringChunks: number = DEFAULT_RING_CHUNKS) {
    this.firstTsn = initialTsn
    this.nextTsn = initialTsn
    this.#mask = ringChunks - 1
    this.state = new Uint8Array(ringChunks)
    this.flags = new Uint8Array(ringChunks)
    this.transmissions = new Uint8Array(ringChunks)
    this.isAppLimited = new Uint8Array(ringChunks)
    this.tsn = new Uint32Array(ringChunks)
    this.payloadOffset = new Uint32Array(ringChunks)
    this.payloadBytes = new Uint32Array(ringChunks)
    this.rangeEnd = new Uint32Array(ringChunks)
    this.sentMs = new Float64Array(ringChunks)
    this.deliveredAtSend = new Float64Array(ringChunks)
    this.deliveredMsAtSend = new Float64Array(ringChunks)
    this.firstSentMsAtSend = new Float64Array(ringChunks)
    this.inFlightAtSend = new Float64Array(ringChunks)
    this.lostAtSend = new Float64Array(ringChunks)
    this.#messages = Array.from<OutgoingMessage | undefined>({ length: ringChunks }).fill(undefined)
    this.#next = new Int32Array(ringChunks)
    this.#previous = new Int32Array(ringChunks)
  }

  get count(): number {
    return (this.nextTsn - this.firstTsn) >>> 0
  }

  get isEmpty(): boolean {
    return this.firstTsn === this.nextTsn
  }

  /** One slot stays free, so that a gap block can name every outstanding TSN. */
  get isFull(): boolean {
    return this.count >= this.#mask
  }

  slot(tsn: number): number {
    return tsn & this.#mask
  }

  message(slot: number): OutgoingMessage | undefined {
    return this.#messages[slot]
  }

  /** Gives the next TSN to the next `length` bytes of `message` and returns its slot, which is in no list yet. */
  add(message: OutgoingMessage, flags: number, length: number): number {
    const { nextTsn } = this
    const slot = nextTsn & this.#mask
    this.nextTsn = add32(nextTsn, 1)
    this.#messages[slot] = message
    this.state[slot] = SlotState.free
    this.flags[slot] = flags
    this.transmissions[slot] = 0
    this.tsn[slot] = nextTsn
    this.payloadOffset[slot] = message.fragmentedBytes
    this.payloadBytes[slot] = length
    this.rangeEnd[slot] = nextTsn
    return slot
  }

  /** Removes the lowest TSN from the ring. It must be in no list. */
  dropFirst(): void {
    const slot = this.firstTsn & this.#mask
    this.#messages[slot] = undefined
    this.state[slot] = SlotState.free
    this.firstTsn = add32(this.firstTsn, 1)
  }

  /** The chunk leaves: a new one, a lost one, or one that is believed to be in flight. */
  markSent(slot: number, nowMs: number): void {
    const state = this.state[slot]
    if (state === SlotState.inFlight) this.#remove(this.inFlight, slot)
    else {
      if (state === SlotState.lost) this.#remove(this.lost, slot)
      else this.unacknowledgedBytes += this.payloadBytes[slot] as number
      this.inFlightBytes += dataChunkBytes(this.payloadBytes[slot] as number)
    }
    this.#append(this.inFlight, slot, SlotState.inFlight)
    this.sentMs[slot] = nowMs
    const transmissions = this.transmissions[slot] as number
    if (transmissions < 255) this.transmissions[slot] = transmissions + 1
  }

  /** A chunk in flight is believed lost and waits to be retransmitted. */
  markLost(slot: number): void {
    this.#remove(this.inFlight, slot)
    this.inFlightBytes -= dataChunkBytes(this.payloadBytes[slot] as number)
    this.#append(this.lost, slot, SlotState.lost)
  }

  /** The peer has the chunk. It must not have been acknowledged before. */
  markAcknowledged(slot: number): void {
    if (this.state[slot] === SlotState.lost) this.#remove(this.lost, slot)
    else {
      this.#remove(this.inFlight, slot)
      this.inFlightBytes -= dataChunkBytes(this.payloadBytes[slot] as number)
    }
    this.unacknowledgedBytes -= this.payloadBytes[slot] as number
    this.state[slot] = SlotState.acknowledged
  }

  /** The peer has discarded a chunk that it had acknowledged by a gap block (reneging, RFC 9260 section 3.3.4): it is lost. */
  markReneged(slot: number): void {
    this.unacknowledgedBytes += this.payloadBytes[slot] as number
    this.rangeEnd[slot] = this.tsn[slot] as number
    this.#append(this.lost, slot, SlotState.lost)
  }

  /** The slot after this one in its list, or -1. */
  following(slot: number): number {
    return this.#next[slot] as number
  }

  #append(list: SlotList, slot: number, state: number): void {
    this.state[slot] = state
    this.#next[slot] = NONE
    this.#previous[slot] = list.tail
    if (list.tail === NONE) list.head = slot
    else this.#next[list.tail] = slot
    list.tail = slot
    list.count++
  }

  #remove(list: SlotList, slot: number): void {
    const after = this.#next[slot] as number
    const before = this.#previous[slot] as number
    if (before === NONE) list.head = after
    else this.#next[before] = after
    if (after === NONE) list.tail = before
    else this.#previous[after] = before
    list.count--
  }
}
