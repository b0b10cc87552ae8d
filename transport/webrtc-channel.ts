/** The Channel of both data paths: hands over what arrives, counts what is not consumed, waits in `send`, and ends both directions at once. */
import type { Channel, ChannelReceiver } from './contract.ts'
import { asTransportError, TransportError } from './transport-error.ts'

/**
 * Bytes accepted and not yet sent at which `send` waits: several turns of the event loop at full speed. Not more, because
 * werift's work grows with the number of waiting messages.
 */
const MAX_BUFFERED_BYTES = 512 * 1024

/** ... and at which it continues. */
export const RESUME_BYTES = MAX_BUFFERED_BYTES / 2

/**
 * Bytes received and not consumed at which the channel fails. werift has no flow control on receiving, so this bounds memory; it is
 * twice the receive window of the SCTP data path, which never gets there.
 */
const MAX_UNCONSUMED_BYTES = 32 * 1024 * 1024

/** After `close` a data path waits this long for what was sent to be acknowledged. */
export const CLOSE_LINGER_MS = 1_000

/** The data channel below, of either data path. It calls the channel's `onMessage`, `onRoom` and `end`. */
export interface ChannelCarrier {
  /** Accepts a message at once, without copying it. Throws a TransportError for what cannot be sent, or once closed. */
  send(message: Uint8Array): void
  /** Accepted and not yet sent, in bytes. */
  bufferedBytes(): number
  /** The receiver is done with a message of `bytes`. */
  consumed(bytes: number): void
  /** Frees everything below once what was sent has arrived, or sooner after `failure`. Safe to call twice. */
  release(failure?: TransportError): void
}

export class WebRtcChannel implements Channel {
  readonly #carrier: ChannelCarrier
  #receiver: ChannelReceiver | undefined
  /** What has arrived before `receive` was called. */
  #early: Uint8Array[] = []
  #unconsumedBytes = 0
  #waiting: { resolve(): void; reject(error: TransportError): void }[] = []
  /** What `send` rejects with, once the channel has ended. */
  #ended: TransportError | undefined
  /** What the receiver is told. */
  #failure: TransportError | undefined

  constructor(carrier: ChannelCarrier) {
    this.#carrier = carrier
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

  receive(receiver: ChannelReceiver): void {
    if (this.#receiver) throw new TransportError('internal', 'a channel has one receiver')
    for (const message of this.#early) receiver.onMessage(message)
    this.#early = []
    this.#receiver = receiver
    if (this.#ended) receiver.onEnd(this.#failure)
  }

  consumed(bytes: number): void {
    this.#unconsumedBytes -= bytes
    this.#carrier.consumed(bytes)
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
  onMessage(message: Uint8Array, isText: boolean): void {
    if (this.#ended) return
    if (isText)
      return this.fail(new TransportError('broken_protocol', 'a text message came over the data channel'))
    this.#unconsumedBytes += message.length
    if (this.#unconsumedBytes > MAX_UNCONSUMED_BYTES)
      return this.fail(new TransportError('broken_protocol', 'the peer sent more than this side could read'))
    if (this.#receiver) this.#receiver.onMessage(message)
    else this.#early.push(message)
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
    this.#failure = error
    this.#receiver?.onEnd(error)
    const waiting = this.#waiting
    this.#waiting = []
    for (const sender of waiting) sender.reject(this.#ended)
  }
}
