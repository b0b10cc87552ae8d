/**
 * A network in virtual time: the same seed gives the same losses, delays and damage to the last packet.
 * Nothing waits: `run` jumps from event to event, so minutes on a bad link take milliseconds.
 */

/** Numbers in [0, 1) from a 32-bit seed (mulberry32): small, fast, and the same on every machine. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

type Event = { readonly atMs: number; readonly order: number; call: (() => void) | undefined }

/** A clock and its events: a binary heap by time, ties in the order they were made. */
export class VirtualTime {
  nowMs = 0
  /** Events run so far: a scenario that does not end shows here. */
  events = 0
  readonly #heap: Event[] = []
  #made = 0

  now(): number {
    return this.nowMs
  }

  /** Calls back once after `delayMs`; returns the cancellation. */
  after(delayMs: number, call: () => void): () => void {
    const event: Event = { atMs: this.nowMs + Math.max(0, delayMs), order: this.#made++, call }
    this.#push(event)
    return () => {
      event.call = undefined
    }
  }

  /** Runs events until `isDone`, or none is left, or `limitMs` has come. Returns whether it is done. */
  run(limitMs: number, isDone: () => boolean = () => false): boolean {
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= limitMs; next = this.#heap[0]) {
      this.#pop()
      if (next.call === undefined) continue
      this.nowMs = next.atMs
      this.events++
      next.call()
      if (isDone()) return true
    }
    this.nowMs = Math.max(this.nowMs, Math.min(limitMs, this.#heap.length > 0 ? limitMs : this.nowMs))
    return isDone()
  }

  /** Events that wait and were not cancelled. */
  get pending(): number {
    return this.#heap.filter((event) => event.call !== undefined).length
  }

  #push(event: Event): void {
    const heap = this.#heap
    let index = heap.length
    heap.push(event)
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = heap[parent]
      if (above === undefined || !isBefore(event, above)) break
      heap[index] = above
      index = parent
    }
    heap[index] = event
  }

  #pop(): void {
    const heap = this.#heap
    const moved = heap.pop()
    if (moved === undefined || heap.length === 0) return
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      const left = heap[child]
      const right = heap[child + 1]
      if (left === undefined) break
      if (right !== undefined && isBefore(right, left)) child++
      const smaller = heap[child]
      if (smaller === undefined || !isBefore(smaller, moved)) break
      heap[index] = smaller
      index = child
    }
    heap[index] = moved
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}

/** What one direction of a path does to packets. Absent means never, or without limit. */
export type LinkOptions = {
  readonly delayMs: number
  /** Extra delay, drawn for each packet, so that packets overtake one another. */
  readonly jitterMs?: number
  readonly loss?: number
  /** Chance for each packet that a burst begins, and how long it lasts. Inside, half of the packets are lost. */
  readonly burstBegins?: number
  readonly burstMs?: number
  readonly duplication?: number
  /** Chance that a byte is changed. */
  readonly corruption?: number
  /** The bottleneck, and what its queue holds before the tail is dropped. */
  readonly bytesPerSecond?: number
  readonly queueBytes?: number
  /** Bytes that each packet costs on the wire besides its own. */
  readonly overheadBytes?: number
  /** Larger packets vanish, as on a path with a small MTU. */
  readonly maxPacketBytes?: number
}

/** One direction of a path. */
export class SimulatedLink {
  sentPackets = 0
  droppedPackets = 0
  /** Largest backlog that the bottleneck's queue has held. */
  peakQueueBytes = 0
  isCut = false
  options: LinkOptions
  readonly #time: VirtualTime
  readonly #random: () => number
  readonly #deliver: (packet: Uint8Array) => void
  #burstUntilMs = 0
  #freeAtMs = 0

  constructor(
    time: VirtualTime,
    random: () => number,
    options: LinkOptions,
    deliver: (packet: Uint8Array) => void,
  ) {
    this.#time = time
    this.#random = random
    this.options = options
    this.#deliver = deliver
  }

  /** Takes a copy of the packet: its bytes may be reused at once. */
  send(packet: Uint8Array): void {
    this.sentPackets++
    if (this.#isDropped(packet)) {
      this.droppedPackets++
      return
    }
    const queuedMs = this.#queueFor(packet.length + (this.options.overheadBytes ?? 0))
    if (queuedMs === undefined) {
      this.droppedPackets++
      return
    }
    const copies = this.#random() < (this.options.duplication ?? 0) ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      const bytes = this.#damaged(new Uint8Array(packet))
      const delayMs = queuedMs + this.options.delayMs + this.#random() * (this.options.jitterMs ?? 0)
      this.#time.after(delayMs, () => this.#deliver(bytes))
    }
  }

  #isDropped(packet: Uint8Array): boolean {
    const { loss = 0, burstBegins = 0, burstMs = 0, maxPacketBytes = Infinity } = this.options
    const { nowMs } = this.#time
    if (nowMs >= this.#burstUntilMs && this.#random() < burstBegins) this.#burstUntilMs = nowMs + burstMs
    if (nowMs < this.#burstUntilMs && this.#random() < 0.5) return true
    return this.isCut || packet.length > maxPacketBytes || this.#random() < loss
  }

  /** How long the packet waits at the bottleneck; undefined when its queue is full. */
  #queueFor(bytes: number): number | undefined {
    const { bytesPerSecond = Infinity, queueBytes = Infinity } = this.options
    if (bytesPerSecond === Infinity) return 0
    const { nowMs } = this.#time
    const waitMs = Math.max(0, this.#freeAtMs - nowMs)
    const backlog = (waitMs * bytesPerSecond) / 1_000 + bytes
    if (backlog > queueBytes) return undefined
    this.peakQueueBytes = Math.max(this.peakQueueBytes, backlog)
    this.#freeAtMs = nowMs + waitMs + (bytes / bytesPerSecond) * 1_000
    return this.#freeAtMs - nowMs
  }

  #damaged(bytes: Uint8Array): Uint8Array {
    if (this.#random() >= (this.options.corruption ?? 0) || bytes.length === 0) return bytes
    const at = Math.floor(this.#random() * bytes.length)
    bytes[at] = (bytes[at] ?? 0) ^ (1 + Math.floor(this.#random() * 255))
    return bytes
  }
}
