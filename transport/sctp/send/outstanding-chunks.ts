/**
 * Chunks that were sent and are not yet cumulatively acknowledged: a ring of typed arrays indexed by TSN, so that a packet
 * costs no object. Two lists run through it in order of transmission: what is in flight, and what was found lost.
 */
import type { OutgoingMessage } from './send-queue.ts'
import { add32 } from '../wire/serial-number.ts'

export const SlotState = { free: 0, inFlight: 1, lost: 2, acknowledged: 3 } as const

/** Enough for a 16 MiB window of 1,200-byte packets. Gap blocks would reach 65,535 TSNs (RFC 9260 section 3.3.4). */
export const DEFAULT_RING_CHUNKS = 16_384
const NONE = -1

/** A list through the slots, oldest transmission first. */
export class SlotList {
  head = NONE
  tail = NONE
  count = 0
}

export class Outstanding {
  /** Lowest TSN that is not cumulatively acknowledged, and the TSN of the next new chunk: equal when nothing is outstanding. */
  firstTsn: number
  nextTsn: number
  /** Wire bytes of what is in flight. */
  inFlightBytes = 0
  /** Payload bytes sent and not acknowledged, lost ones included: what the peer's window must hold. */
  unacknowledgedBytes = 0
  readonly inFlight = new SlotList()
  readonly lost = new SlotList()

  readonly state: Uint8Array
  /** DATA flags as on the wire. */
  readonly flags: Uint8Array
  /** Transmissions so far, held at 255. */
  readonly transmissions: Uint8Array
  readonly isAppLimited: Uint8Array
  readonly tsn: Uint32Array
  readonly payloadOffset: Uint32Array
  readonly payloadBytes: Uint32Array
  /** Last TSN of the acknowledged run that begins here, as far as it is known: gap blocks are walked in jumps. */
  readonly runEnd: Uint32Array
  readonly sentMs: Float64Array
  /** The connection's state when this chunk left: what a delivery-rate sample is computed from. */
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
  constructor(initialTsn: number, ringChunks: number) {
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
    this.runEnd = new Uint32Array(ringChunks)
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

  /** One slot stays free, so that every outstanding TSN is within reach of a gap block. */
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
    this.payloadOffset[slot] = message.cutBytes
    this.payloadBytes[slot] = length
    this.runEnd[slot] = nextTsn
    return slot
  }

  /** Takes the lowest TSN out of the ring. It must be in no list. */
  dropFirst(): void {
    const slot = this.firstTsn & this.#mask
    this.#messages[slot] = undefined
    this.state[slot] = SlotState.free
    this.firstTsn = add32(this.firstTsn, 1)
  }

  /** The chunk leaves: a new one, a lost one, or once more one that is believed in flight. */
  markSent(slot: number, nowMs: number): void {
    const state = this.state[slot]
    if (state === SlotState.inFlight) this.#remove(this.inFlight, slot)
    else {
      if (state === SlotState.lost) this.#remove(this.lost, slot)
      else this.unacknowledgedBytes += this.payloadBytes[slot] as number
      this.inFlightBytes += wireBytes(this.payloadBytes[slot] as number)
    }
    this.#append(this.inFlight, slot, SlotState.inFlight)
    this.sentMs[slot] = nowMs
    const transmissions = this.transmissions[slot] as number
    if (transmissions < 255) this.transmissions[slot] = transmissions + 1
  }

  /** A chunk in flight is believed lost and waits to be sent again. */
  markLost(slot: number): void {
    this.#remove(this.inFlight, slot)
    this.inFlightBytes -= wireBytes(this.payloadBytes[slot] as number)
    this.#append(this.lost, slot, SlotState.lost)
  }

  /** The peer has the chunk. It must not be acknowledged already. */
  markAcknowledged(slot: number): void {
    if (this.state[slot] === SlotState.lost) this.#remove(this.lost, slot)
    else {
      this.#remove(this.inFlight, slot)
      this.inFlightBytes -= wireBytes(this.payloadBytes[slot] as number)
    }
    this.unacknowledgedBytes -= this.payloadBytes[slot] as number
    this.state[slot] = SlotState.acknowledged
  }

  /** The peer has thrown away what it had acknowledged by gap blocks (RFC 9260 section 3.3.4 allows it): all of that is lost. */
  markReneged(): void {
    for (let tsn = this.firstTsn; tsn !== this.nextTsn; tsn = add32(tsn, 1)) {
      const slot = tsn & this.#mask
      if (this.state[slot] !== SlotState.acknowledged) continue
      this.unacknowledgedBytes += this.payloadBytes[slot] as number
      this.runEnd[slot] = tsn
      this.#append(this.lost, slot, SlotState.lost)
    }
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

/** What a chunk weighs on the wire: its header and its payload, padded. */
export function wireBytes(payloadBytes: number): number {
  return 16 + ((payloadBytes + 3) & ~3)
}
