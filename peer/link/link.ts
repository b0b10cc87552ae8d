/**
 * A link: sealed records over a channel that is not authenticated (PROTOCOL.md section 4), with a heartbeat and an explicit end.
 * The channel is only a pipe: a record that is changed, repeated, reordered, dropped or forged ends the link.
 */
import { VoltdropError, asVoltdropError } from '../../protocol/errors.ts'
import { Opener, SEALED_OVERHEAD_BYTES, Sealer } from '../../protocol/sealing.ts'
import type { Opened } from '../../protocol/sealing.ts'
import type { Channel, Clock, Primitives } from '../channel.ts'
import { AsyncQueue } from '../async-queue.ts'

const RECORD = { message: 1, ping: 2, pong: 3, end: 4 } as const

const NOTHING = new Uint8Array(0)

/** A side that has sent nothing for this long sends a ping. */
const PING_AFTER_MS = 2_000

/** A peer from which nothing arrived for this long is gone: at least four of its pings are missing. */
const DEAD_AFTER_MS = 10_000

/** How long this side waits for the end record of the other side after sending its own. */
const CLOSE_WITHIN_MS = 10_000

/** How long the side that ended second waits for the other side to close the channel. */
const LINGER_MS = 2_000

/**
 * With this many unread messages, silence does not count: the other side may be waiting until this side has read more. They are at most
 * 1 MiB, and the receive window of a channel is larger, so with fewer unread messages a live peer can always send a ping.
 */
const READER_BEHIND_MESSAGES = 16

/** An open, authenticated, ordered, reliable two-way message channel between two agents. */
export interface Link {
  /** Resolves when there is room for more. Rejects once the link has failed or ended. */
  send(message: Uint8Array): Promise<void>
  /**
   * For one reader. Ends after the other side's end record. Throws VoltdropError `interrupted` when the channel closes without one or the
   * other side is silent for 10 s, `tampered` when a record does not open, `broken_protocol` for a record that may not come.
   */
  readonly messages: AsyncIterable<Uint8Array>
  /** Resolves when the other side has ended or is lost, even while some of its messages are unread. Never rejects. */
  readonly peerGone: Promise<void>
  /**
   * Ends the link: sends what is queued and the end record, waits at most 10 s until the other side has received it, and closes the
   * channel. No message is received after the call. Never rejects: success is for the messages before it to report.
   */
  close(): Promise<void>
  /** Closes the channel at once. Reads and sends of this side fail with `error`; the other side sees an interruption. */
  abort(error: VoltdropError): void
}

export type LinkOptions = {
  readonly channel: Channel
  /** The keys of this attempt, one for each direction, 32 bytes each. */
  readonly keys: { readonly send: Uint8Array; readonly receive: Uint8Array }
  readonly primitives: Pick<Primitives, 'aead'>
  readonly clock: Clock
}

/** Starts a link over an open channel, which the link owns from now on. */
export function openLink(options: LinkOptions): Link {
  return new SealedLink(options)
}

class SealedLink implements Link {
  /** The only queue of received messages. Its unread ones fill the receive window of the channel, which bounds it. */
  readonly messages = new AsyncQueue<Uint8Array>((content) => this.#onRead(content))
  readonly #channel: Channel
  readonly #clock: Clock
  readonly #sealer: Sealer
  readonly #opener: Opener
  /** Resolves when the other side has ended, and when the channel is closed. */
  readonly #peerEnd = Promise.withResolvers<void>()
  /** Resolves when the channel is closed, by either side. */
  readonly #channelClosed = Promise.withResolvers<void>()
  #peerEnded = false
  #failure: VoltdropError | undefined
  #closing: Promise<void> | undefined
  /** Records whose `send` on the channel has not resolved. */
  #pendingSends = 0
  /** Keeps sent records in order when the cipher is asynchronous. */
  #lastHandedOver: Promise<unknown> = Promise.resolve()
  /** Keeps received records in order when the cipher is asynchronous. */
  #lastAccepted: Promise<void> = Promise.resolve()
  #lastSentMs: number
  #lastHeardMs: number
  #stopBeating: () => void = () => {}

  constructor({ channel, keys, primitives, clock }: LinkOptions) {
    this.#channel = channel
    this.#clock = clock
    this.#sealer = new Sealer(primitives.aead(keys.send))
    this.#opener = new Opener(primitives.aead(keys.receive))
    this.#lastSentMs = this.#lastHeardMs = clock.now()
    this.#beatAt(this.#lastSentMs + PING_AFTER_MS)
    channel.receive({
      onMessage: (record) => this.#onRecord(record),
      onEnd: (error) => this.#onChannelEnd(error),
    })
  }

  get peerGone(): Promise<void> {
    return this.#peerEnd.promise
  }

  send(message: Uint8Array): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure)
    if (this.#closing) return Promise.reject(new VoltdropError('interrupted', 'this side has ended the link'))
    return this.#sendRecord(RECORD.message, message)
  }

  close(): Promise<void> {
    this.#closing ??= this.#end()
    return this.#closing
  }

  abort(error: VoltdropError): void {
    this.messages.end(error, { discard: true })
    this.#fail(error)
  }

  async #end(): Promise<void> {
    if (!this.#failure) {
      // The side that ends first gets the other side's end record in answer; the side that ends second learns that its own has
      // arrived only when the other side closes the channel.
      const answered = this.#peerEnded ? this.#channelClosed.promise : this.#peerEnd.promise
      const patience = this.#peerEnded ? LINGER_MS : CLOSE_WITHIN_MS
      const tooLate = Promise.withResolvers<void>()
      const cancel = this.#clock.after(patience, () => tooLate.resolve())
      // A channel that refuses the end record is closed: no answer will come, and `#channelClosed` resolves.
      const sent = this.#sendRecord(RECORD.end, NOTHING).catch(() => {})
      this.messages.end(undefined, { discard: true })
      await Promise.race([Promise.all([sent, answered]), this.#channelClosed.promise, tooLate.promise])
      cancel()
    }
    this.#release()
  }

  #sendRecord(type: number, content: Uint8Array): Promise<void> {
    this.#pendingSends++
    this.#lastSentMs = this.#clock.now()
    return this.#seal(type, content).then(this.#onSent, this.#onSendFailed)
  }

  #seal(type: number, content: Uint8Array): Promise<void> {
    const sealed = this.#sealer.seal(type, content)
    if (!(sealed instanceof Promise)) return this.#channel.send(sealed)
    const handedOver = this.#lastHandedOver.then(async () => ({ sent: this.#channel.send(await sealed) }))
    this.#lastHandedOver = handedOver.catch(() => {}) // the caller of this send gets the rejection
    return handedOver.then(({ sent }) => sent)
  }

  #onSent = (): void => {
    this.#pendingSends--
  }

  /** A send that fails does not end the link, because what has arrived is still worth reading; the end of the channel does. */
  #onSendFailed = (cause: unknown): never => {
    this.#pendingSends--
    throw this.#failure ?? new VoltdropError('interrupted', undefined, { cause })
  }

  #onRecord(record: Uint8Array): void {
    this.#lastHeardMs = this.#clock.now()
    try {
      const opened = this.#opener.open(record)
      if (opened instanceof Promise) this.#acceptInTurn(opened)
      else this.#accept(opened)
    } catch (error) {
      this.#onReceiveFailed(error)
    }
  }

  /** For an asynchronous cipher. The records that wait here are not consumed yet, so the receive window bounds them too. */
  #acceptInTurn(opened: Promise<Opened>): void {
    opened.catch(() => {}) // handled when its turn comes
    this.#lastAccepted = this.#lastAccepted
      .then(async () => this.#accept(await opened))
      .catch((error: unknown) => this.#onReceiveFailed(error))
  }

  /** Acts on the record at once, even while messages before it are unread. */
  #accept({ type, content }: Opened): void {
    if (this.#failure) return
    if (this.#peerEnded) throw new VoltdropError('broken_protocol', 'a record after the end')
    if (type === RECORD.message) return this.messages.push(content)
    if (content.length > 0) throw new VoltdropError('broken_protocol', 'a control record with content')
    this.#channel.consumed(SEALED_OVERHEAD_BYTES)
    switch (type) {
      case RECORD.ping:
        return this.#sendHeartbeat(RECORD.pong)
      case RECORD.pong:
        return
      case RECORD.end:
        return this.#onPeerEnd()
      default:
        throw new VoltdropError('broken_protocol', `a record of type ${type}`)
    }
  }

  #onPeerEnd(): void {
    this.#peerEnded = true
    this.messages.end()
    this.#peerEnd.resolve()
  }

  /** The end comes after the records that are still being opened. */
  #onChannelEnd(error: Error | undefined): void {
    const reason = error ?? new VoltdropError('interrupted', 'the connection closed without an end record')
    void this.#lastAccepted.then(() => this.#onReceiveFailed(reason))
  }

  /** Nothing more can be received. */
  #onReceiveFailed(error: unknown): void {
    if (this.#peerEnded) this.#channelClosed.resolve()
    else this.#fail(asVoltdropError(error, 'interrupted'))
  }

  /** The reader has taken a message, or it was dropped. */
  #onRead(content: Uint8Array): void {
    this.#channel.consumed(content.length + SEALED_OVERHEAD_BYTES)
    // While the reader was behind, the other side may have been waiting: its silence counts from now on.
    if (this.messages.length >= READER_BEHIND_MESSAGES - 1) this.#lastHeardMs = this.#clock.now()
  }

  /** Sends a ping or pong, unless pending records show already that this side is alive: a flood of pings must not queue up pongs. */
  #sendHeartbeat(type: number): void {
    if (this.#pendingSends === 0 && !this.#closing) this.#sendRecord(type, NOTHING).catch(() => {})
  }

  #beatAt(dueMs: number): void {
    this.#stopBeating = this.#clock.after(dueMs - this.#clock.now(), () => this.#beat(dueMs))
  }

  #beat(dueMs: number): void {
    const now = this.#clock.now()
    // A beat that comes late means that this machine slept: what the other side sent meanwhile has not been read yet.
    const isReaderBehind = this.messages.length >= READER_BEHIND_MESSAGES
    if (isReaderBehind || now - dueMs >= PING_AFTER_MS) this.#lastHeardMs = now
    if (now - this.#lastHeardMs >= DEAD_AFTER_MS) {
      return this.#fail(new VoltdropError('interrupted', `nothing received for ${DEAD_AFTER_MS / 1000} s`))
    }
    if (now - this.#lastSentMs >= PING_AFTER_MS) {
      this.#sendHeartbeat(RECORD.ping)
      this.#lastSentMs = now
    }
    this.#beatAt(Math.min(this.#lastSentMs + PING_AFTER_MS, this.#lastHeardMs + DEAD_AFTER_MS))
  }

  #fail(error: VoltdropError): void {
    this.#failure ??= error
    this.messages.end(this.#failure)
    this.#release()
  }

  #release(): void {
    this.#stopBeating()
    this.#channel.close()
    this.#peerEnd.resolve()
    this.#channelClosed.resolve()
  }
}
