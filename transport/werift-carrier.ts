/** A Channel over werift's own data channel: the reference and fallback beside our data path. */
import type { Channel } from './contract.ts'
import { TransportError } from './transport-error.ts'
import { MessageQueue } from './received-messages.ts'
import type { StockDataChannel } from './werift/internals.ts'

/**
 * Bytes handed to werift and not yet sent by it. Its bufferedAmount falls only when its whole queue is empty and its work
 * grows with the number of waiting messages, so a few large ones are best: 8 of 64 KiB.
 */
const MAX_OUTSTANDING_BYTES = 8 * 65_536

/**
 * Unread bytes at which the channel fails. werift has no flow control on receiving, so this bounds memory; it is twice
 * the window that a receiver of ours grants.
 */
const MAX_UNREAD_BYTES = 32 * 1024 * 1024

/** What the peer connection below offers beside the channel itself. */
export type StockConnection = {
  /** Bytes or packets of ours are still on their way. */
  hasUnacknowledged(): boolean
  close(): void
}

const LINGER_MS = 1_000
const LINGER_STEP_MS = 10

export class StockChannel implements Channel {
  readonly messages: MessageQueue
  readonly #channel: StockDataChannel
  readonly #connection: StockConnection
  readonly #waiting = new Set<() => void>()
  #closed: TransportError | undefined
  #released = false

  constructor(channel: StockDataChannel, connection: StockConnection) {
    this.#channel = channel
    this.#connection = connection
    this.messages = new MessageQueue()
    channel.bufferedAmountLowThreshold = MAX_OUTSTANDING_BYTES / 2
    channel.onMessage.subscribe((message) => this.#receive(message))
    channel.bufferedAmountLow.subscribe(() => this.#wake())
    channel.stateChanged.subscribe((state) => {
      if (state === 'closed') this.#finish()
    })
  }

  /** Do not change `message` afterwards: it is sent from where it lies. Rejects with `interrupted` once closed. */
  async send(message: Uint8Array): Promise<void> {
    if (this.#closed) throw this.#closed
    // An empty message would wedge the stream for ever (werift 0.25.2), and no record of ours is empty.
    if (message.length === 0) throw new TransportError('internal', 'an empty message cannot be sent')
    this.#channel.send(Buffer.from(message.buffer, message.byteOffset, message.byteLength))
    while (this.#channel.bufferedAmount >= MAX_OUTSTANDING_BYTES) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
      if (this.#closed) throw this.#closed
    }
  }

  /** Ends reading at once; what was sent gets up to a second to be acknowledged before the connection goes. */
  close(): void {
    this.#finish()
    if (this.#released) return
    this.#released = true
    let left = LINGER_MS / LINGER_STEP_MS
    const drain = setInterval(() => {
      if (left-- > 0 && this.#connection.hasUnacknowledged()) return
      clearInterval(drain)
      this.#connection.close()
    }, LINGER_STEP_MS)
  }

  /** The connection below is lost. */
  fail(error: TransportError): void {
    this.#finish(error)
    this.#released = true
    this.#connection.close()
  }

  #receive(message: string | Buffer): void {
    if (typeof message === 'string') {
      this.fail(new TransportError('broken_protocol', 'a text message came over the data channel'))
    } else if (this.messages.waitingBytes + message.length > MAX_UNREAD_BYTES) {
      this.fail(new TransportError('broken_protocol', 'more data came than was asked for'))
    } else {
      this.messages.push(message)
    }
  }

  #finish(error?: TransportError): void {
    this.#closed ??= error ?? new TransportError('interrupted', 'the data channel is closed')
    this.messages.end(error)
    this.#wake()
  }

  #wake(): void {
    for (const resume of this.#waiting) resume()
    this.#waiting.clear()
  }
}
