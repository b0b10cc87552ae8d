/** A Channel over our own data path: one data channel of one association. */
import type { Channel } from './contract.ts'
import { TransportError } from './transport-error.ts'
import { MessageQueue } from './received-messages.ts'
import type { DataChannel } from './sctp/data-channels.ts'

/** Bytes accepted and not yet sent above which `send` waits: some turns of the event loop at full speed. */
const MAX_BUFFERED_BYTES = 512 * 1024

/** ... and at which it goes on. */
export const ROOM_BYTES = MAX_BUFFERED_BYTES / 2

/** What the connection below offers beside the channel itself. */
export type FastCarrier = {
  /** Accepted by the association and not yet sent, in bytes. */
  readonly bufferedBytes: number
  /** 0 for no limit. */
  readonly remoteMaxMessageBytes: number
  /** Lets what was sent arrive, then frees everything. */
  release(): void
}

export class FastChannel implements Channel {
  readonly messages: MessageQueue
  readonly #channel: DataChannel
  readonly #carrier: FastCarrier
  #waiting: { resolve(): void; reject(error: TransportError): void }[] = []
  #ended: TransportError | undefined

  constructor(channel: DataChannel, carrier: FastCarrier) {
    this.#channel = channel
    this.#carrier = carrier
    // What the reader has not taken stays counted against the receive window: a slow reader slows the sender down.
    this.messages = new MessageQueue((bytes) => channel.consumed(bytes))
    channel.onMessage = (payload, isText) => {
      if (isText)
        this.fail(new TransportError('broken_protocol', 'a text message came over the data channel'))
      else this.messages.push(payload)
    }
  }

  /** Do not change `message` afterwards: it is sent from where it lies. Rejects with `interrupted` once closed. */
  send(message: Uint8Array): Promise<void> {
    if (this.#ended) return Promise.reject(this.#ended)
    const { remoteMaxMessageBytes } = this.#carrier
    if (remoteMaxMessageBytes > 0 && message.length > remoteMaxMessageBytes) {
      return Promise.reject(
        new TransportError('internal', `the peer takes ${remoteMaxMessageBytes} bytes a message`),
      )
    }
    try {
      this.#channel.send(message)
    } catch (error) {
      return Promise.reject(error as TransportError)
    }
    if (this.#carrier.bufferedBytes < MAX_BUFFERED_BYTES) return Promise.resolve()
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  close(): void {
    this.end()
    this.#carrier.release()
  }

  /** The connection below is lost, or the peer does what no peer of ours does. */
  fail(error: TransportError): void {
    this.end(error)
    this.#carrier.release()
  }

  /** For the connection: the association has room again. */
  onRoom(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const sender of waiting) sender.resolve()
  }

  /** For the connection: nothing more comes or goes. */
  end(error?: TransportError): void {
    if (this.#ended) return
    this.#ended = error ?? new TransportError('interrupted', 'the data channel is closed')
    this.messages.end(error)
    const waiting = this.#waiting
    this.#waiting = []
    for (const sender of waiting) sender.reject(this.#ended)
  }
}
