/** Two ends of a message channel in memory. A test can make it drop, change, repeat, reorder or delay messages. */
import type { Channel, ChannelReceiver } from '../../../peer/channel.ts'
import { VoltdropError } from '../../../protocol/errors.ts'
import { AsyncQueue } from '../../../peer/async-queue.ts'
import type { VirtualClock } from '../clock.ts'

/** The messages that arrive in place of message number `index` (from 0) of one direction. */
export type Fault = (message: Uint8Array, index: number) => readonly Uint8Array[]

/** One direction. `fault` may be changed at any time; `sent` counts the messages sent into it. */
export class Lane {
  fault: Fault = (message) => [message]
  /** Delay of each message in milliseconds of `clock`; the order is kept. */
  delayMs = 0
  /** The receive window: unread messages at which `send` waits. */
  capacity = 64
  /** Messages that have arrived and are not consumed, and their length. */
  unread = 0
  unreadBytes = 0
  /** Everything that was sent, when a test sets this to an array. */
  recorded: Uint8Array[] | undefined
  sent = 0
  readonly #arrived = new AsyncQueue<Uint8Array>()
  #waiting: (() => void)[] = []
  #clock: VirtualClock | undefined

  constructor(clock?: VirtualClock) {
    this.#clock = clock
  }

  put(message: Uint8Array): void {
    this.recorded?.push(message.slice())
    for (const arriving of this.fault(message, this.sent++)) this.#deliver(arriving)
  }

  #deliver(message: Uint8Array): void {
    if (this.delayMs === 0) return this.arrive(message)
    if (!this.#clock) throw new TypeError('a delay needs a clock')
    this.#clock.after(this.delayMs, () => this.arrive(message))
  }

  /** `message` arrives, even if no end has sent it. */
  arrive(message: Uint8Array): void {
    if (this.ended) return
    this.unread++
    this.unreadBytes += message.length
    this.#arrived.push(message)
  }

  receive(receiver: ChannelReceiver): void {
    void this.#handOver(receiver)
  }

  consumed(bytes: number): void {
    this.unread--
    this.unreadBytes -= bytes
    if (this.unread < this.capacity) this.#wake()
  }

  /** Undefined when there is room for a message. Otherwise resolves when there is, or when the lane ends. */
  room(): Promise<void> | undefined {
    if (this.ended || this.unread < this.capacity) return undefined
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  get ended(): boolean {
    return this.#arrived.ended
  }

  end(error?: Error, options?: { readonly discard: boolean }): void {
    this.#arrived.end(error, options)
    this.#wake()
  }

  async #handOver({ onMessage, onEnd }: ChannelReceiver): Promise<void> {
    try {
      for await (const message of this.#arrived) onMessage(message)
      onEnd(undefined)
    } catch (error) {
      onEnd(error as Error)
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

export type ChannelPair = {
  readonly a: Channel
  readonly b: Channel
  readonly aToB: Lane
  readonly bToA: Lane
  /** From now on nothing arrives and neither end is notified, as when a cable is pulled. */
  readonly cut: () => void
  /** Both ends fail, as when a transport fails. */
  readonly fail: (error?: Error) => void
}

/** Two open ends. `clock` is needed for delays only. */
export function channelPair(clock?: VirtualClock): ChannelPair {
  const aToB = new Lane(clock)
  const bToA = new Lane(clock)
  return {
    a: endOf(aToB, bToA),
    b: endOf(bToA, aToB),
    aToB,
    bToA,
    cut: () => {
      aToB.fault = dropAll
      bToA.fault = dropAll
    },
    fail: (error = new Error('the transport failed')) => {
      aToB.end(error)
      bToA.end(error)
    },
  }
}

function endOf(outgoing: Lane, incoming: Lane): Channel {
  let closed = false
  const stopped = Promise.withResolvers<void>()
  return {
    async send(message) {
      if (closed || outgoing.ended) throw new VoltdropError('interrupted', 'the channel is closed')
      outgoing.put(message)
      const room = outgoing.room()
      if (room) await Promise.race([room, stopped.promise])
      if (closed || outgoing.ended) throw new VoltdropError('interrupted', 'the channel is closed')
    },
    receive: (receiver) => incoming.receive(receiver),
    consumed: (bytes) => incoming.consumed(bytes),
    close() {
      closed = true
      stopped.resolve()
      outgoing.end()
      incoming.end(undefined, { discard: true })
    },
  }
}

/** Every message is lost. */
export const dropAll: Fault = () => []

/** Message number `target` is lost. */
export function drop(target: number): Fault {
  return (message, index) => (index === target ? [] : [message])
}

/** Message number `target` arrives with the bits of `mask` flipped in one byte; a negative `byte` counts from the end. */
export function flip(target: number, byte: number, mask = 1): Fault {
  return (message, index) => (index === target ? [flipped(message, byte, mask)] : [message])
}

/** Message number `target` arrives twice. */
export function repeat(target: number): Fault {
  return (message, index) => (index === target ? [message, message] : [message])
}

/** Message number `target` arrives after the one that follows it. */
export function swap(target: number): Fault {
  let held: Uint8Array | undefined
  return (message, index) => {
    if (index === target) {
      held = message
      return []
    }
    if (held === undefined) return [message]
    const late = held
    held = undefined
    return [message, late]
  }
}

/** A copy of `message` with the bits of `mask` flipped in one byte. */
export function flipped(message: Uint8Array, byte: number, mask = 1): Uint8Array {
  const copy = message.slice()
  const at = byte < 0 ? copy.length + byte : byte
  copy[at] = (copy[at] ?? 0) ^ mask
  return copy
}
