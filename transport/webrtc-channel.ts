/** The Channel of both data paths: the queue of what has arrived, back-pressure in `send`, and one end for both directions. */
import type { Channel } from './contract.ts'
import { ReceivedMessages } from './received-messages.ts'
import { asTransportError, TransportError } from './transport-error.ts'

/**
 * Bytes accepted and not yet sent at which `send` waits: several turns of the event loop at full speed. Not more, because
 * werift's work grows with the number of waiting messages.
 */
const MAX_BUFFERED_BYTES = 512 * 1024

/** ... and at which it continues. */
export const RESUME_BYTES = MAX_BUFFERED_BYTES / 2

/**
 * Unread bytes at which the channel fails. werift has no flow control on receiving, so this bounds memory; it is twice
 * the receive window of the SCTP data path, which never gets there.
 */
const MAX_UNREAD_BYTES = 32 * 1024 * 1024

/** After `close` a data path waits this long for what was sent to be acknowledged. */
export const LINGER_MS = 1_000

/** The data channel below, of either data path. It calls the channel's `receive`, `onRoom` and `end`. */
export interface ChannelCarrier {
  /** Accepts a message at once, without copying it. Throws a TransportError for what cannot be sent, or once closed. */
  send(message: Uint8Array): void
  /** Accepted and not yet sent, in bytes. */
  bufferedBytes(): number
  /** The reader has taken a message of `bytes`. */
  consumed(bytes: number): void
  /** Frees everything below once what was sent has arrived, or sooner after `failure`. Safe to call twice. */
  release(failure?: TransportError): void
}

export class WebRtcChannel implements Channel {
  readonly messages: ReceivedMessages
  readonly #carrier: ChannelCarrier
  #waiting: { resolve(): void; reject(error: TransportError): void }[] = []
  #ended: TransportError | undefined

  constructor(carrier: ChannelCarrier) {
    this.#carrier = carrier
    // Unread bytes stay counted against the receive window: a slow reader slows the sender down.
    this.messages = new ReceivedMessages((bytes) => carrier.consumed(bytes))
  }

  /** Do not change `message` afterwards: it is sent without a copy. Rejects with `interrupted` once closed. */
  send(message: Uint8Array): Promise<void> {
    if (this.#ended) return Promise.reject(this.#ended)
    try {
      this.#carrier.send(message)
    } catch (error) {
      return Promise.reject(asTransportError(error))
    }
    if (this.#carrier.bufferedBytes() < MAX_BUFFERED_BYTES) return Promise.resolve()
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  close(): void {
    this.end()
    this.#carrier.release()
  }

  /** The connection below is lost, or the peer has broken the protocol. */
  fail(error: TransportError): void {
    this.end(error)
    this.#carrier.release(error)
  }

  /** For the carrier: a message has arrived. */
  receive(message: Uint8Array, isText: boolean): void {
    if (isText) this.fail(new TransportError('broken_protocol', 'a text message came over the data channel'))
    else if (this.messages.unreadBytes + message.length > MAX_UNREAD_BYTES)
      this.fail(new TransportError('broken_protocol', 'the peer sent more than this side could read'))
    else this.messages.push(message)
  }

  /** For the carrier: `bufferedBytes` has fallen to RESUME_BYTES or below. */
  onRoom(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const sender of waiting) sender.resolve()
  }

  /** For the carrier: nothing more is sent or received. */
  end(error?: TransportError): void {
    if (this.#ended) return
    this.#ended = error ?? new TransportError('interrupted', 'the data channel is closed')
    this.messages.end(error)
    const waiting = this.#waiting
    this.#waiting = []
    for (const sender of waiting) sender.reject(this.#ended)
  }
}
