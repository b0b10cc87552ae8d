/**
 * A link: sealed records over a channel that nobody has authenticated (PROTOCOL.md section 4), with a heartbeat and a proper end.
 * Whatever lies below is a pipe: a record that is changed, repeated, moved, left out or made by somebody else ends the link.
 */
import { VoltdropError, asVoltdropError } from '../../protocol/errors.ts'
import { Opener, Sealer } from '../../protocol/sealing.ts'
import type { Channel, Clock, Primitives } from '../channel.ts'
import { MessageQueue } from '../message-queue.ts'

const RECORD = { message: 1, ping: 2, pong: 3, end: 4 } as const

const NOTHING = new Uint8Array(0)

/** A side that has sent nothing for this long says that it is there. */
const PING_AFTER_MS = 2_000

/** A side from which nothing came for this long is gone: four pings were lost. */
const DEAD_AFTER_MS = 10_000

/** How long the last records may take to arrive once this side has ended, whatever the other side does. */
const CLOSE_WITHIN_MS = 10_000

/** How long the side that ended second waits for the other one to close the channel. */
const LINGER_MS = 2_000

/** Messages that wait unread before the channel is no longer read: 1 MiB at most, enough to keep both ends busy. */
const MAX_UNREAD = 16

/** An open, authenticated, ordered, reliable two-way message channel between two agents. */
export interface Link {
  /** Resolves when there is room for more. Rejects once the link has failed or ended. */
  send(message: Uint8Array): Promise<void>
  /**
   * Read by one reader. Ends after the other side's end record; throws VoltdropError `interrupted` when the channel closes without
   * one or the other side is silent for 10 s, `tampered` when a record does not open, `broken_protocol` for a record that does not belong.
   */
  readonly messages: AsyncIterable<Uint8Array>
  /** Resolves when the other side has ended or is lost, whatever of its messages is still unread. Never rejects. */
  readonly peerGone: Promise<void>
  /**
   * Ends the conversation: sends what is queued and the end record, waits until the other side has it (10 s at most), closes the channel.
   * Nothing is received any more. Never rejects: whether all went well is for the messages before it to say.
   */
  close(): Promise<void>
  /** Closes the channel at once; this side's reads and sends fail with `error`, the other side sees an interruption. */
  abort(error: VoltdropError): void
}

export type LinkOptions = {
  readonly channel: Channel
  /** The keys of this attempt: one for each direction. */
  readonly keys: { readonly send: Uint8Array; readonly receive: Uint8Array }
  readonly primitives: Pick<Primitives, 'aead'>
  readonly clock: Clock
}

/** Starts a link over an open channel, which belongs to it from now on. */
export function openLink(options: LinkOptions): Link {
  return new SealedLink(options)
}

class SealedLink implements Link {
  readonly messages = new MessageQueue<Uint8Array>()
  readonly #channel: Channel
  readonly #clock: Clock
  readonly #sealer: Sealer
  readonly #opener: Opener
  /** Resolves when the other side has ended, and when the channel is over. */
  readonly #peerEnd = Promise.withResolvers<void>()
  /** Resolves when the channel is over, whoever closed it. */
  readonly #over = Promise.withResolvers<void>()
  #peerEnded = false
  #failure: VoltdropError | undefined
  #closing: Promise<void> | undefined
  /** Records handed to the channel for which it has no room yet. */
  #waiting = 0
  /** Keeps the order of records when the cipher is asynchronous. */
  #lastHandedOver: Promise<unknown> = Promise.resolve()
  #lastSentMs: number
  #lastHeardMs: number
  #readerIsSlow = false
  #stopBeating: () => void = () => {}

  constructor({ channel, keys, primitives, clock }: LinkOptions) {
    this.#channel = channel
    this.#clock = clock
    this.#sealer = new Sealer(primitives.aead(keys.send))
    this.#opener = new Opener(primitives.aead(keys.receive))
    this.#lastSentMs = this.#lastHeardMs = clock.now()
    this.#beatAt(this.#lastSentMs + PING_AFTER_MS)
    void this.#receive()
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
      // Sent by the one who ended last, the end record is known to have arrived only when the other side closes the channel.
      const answered = this.#peerEnded ? this.#over.promise : this.#peerEnd.promise
      const patience = this.#peerEnded ? LINGER_MS : CLOSE_WITHIN_MS
      const tooLate = Promise.withResolvers<void>()
      const cancel = this.#clock.after(patience, () => tooLate.resolve())
      // A channel that refuses the end record is over: the answer will not come either, and `over` says so.
      const sent = this.#sendRecord(RECORD.end, NOTHING).catch(() => {})
      this.messages.end(undefined, { discard: true })
      await Promise.race([Promise.all([sent, answered]), this.#over.promise, tooLate.promise])
      cancel()
    }
    this.#release()
  }

  #sendRecord(type: number, content: Uint8Array): Promise<void> {
    this.#waiting++
    this.#lastSentMs = this.#clock.now()
    return this.#seal(type, content).then(this.#onSent, this.#onSendFailed)
  }

  #seal(type: number, content: Uint8Array): Promise<void> {
    const sealed = this.#sealer.seal(type, content)
    if (!(sealed instanceof Promise)) return this.#channel.send(sealed)
    const handedOver = this.#lastHandedOver.then(async () => ({ sent: this.#channel.send(await sealed) }))
    this.#lastHandedOver = handedOver.catch(() => {}) // its own caller learns of it
    return handedOver.then(({ sent }) => sent)
  }

  #onSent = (): void => {
    this.#waiting--
  }

  /** What has already arrived is still worth reading, so a send that fails does not end the link: the channel's own end does. */
  #onSendFailed = (cause: unknown): never => {
    this.#waiting--
    throw this.#failure ?? new VoltdropError('interrupted', undefined, { cause })
  }

  async #receive(): Promise<void> {
    try {
      for await (const record of this.#channel.messages) {
        this.#lastHeardMs = this.#clock.now()
        if (this.#peerEnded) throw new VoltdropError('broken_protocol', 'a record after the end')
        const opened = this.#opener.open(record)
        const { type, content } = opened instanceof Promise ? await opened : opened
        this.#accept(type, content)
        const room = this.messages.room(MAX_UNREAD)
        if (room) await this.#whileReaderIsSlow(room)
      }
      throw new VoltdropError('interrupted', 'the connection closed before the other side had ended')
    } catch (error) {
      if (this.#peerEnded) this.#over.resolve()
      else this.#fail(asVoltdropError(error, 'interrupted'))
    }
  }

  #accept(type: number, content: Uint8Array): void {
    if (type === RECORD.message) return this.messages.push(content)
    if (content.length > 0) throw new VoltdropError('broken_protocol', 'a heartbeat with content')
    if (type === RECORD.ping) return this.#say(RECORD.pong)
    if (type === RECORD.pong) return
    if (type !== RECORD.end) throw new VoltdropError('broken_protocol', `a record of type ${type}`)
    this.#peerEnded = true
    this.messages.end()
    this.#peerEnd.resolve()
  }

  /** What we do not read cannot prove that the other side is silent. */
  async #whileReaderIsSlow(room: Promise<void>): Promise<void> {
    this.#readerIsSlow = true
    await room
    this.#readerIsSlow = false
    this.#lastHeardMs = this.#clock.now()
  }

  /** A sign of life, unless records on their way are one already: a flood of pings must not queue up answers. */
  #say(type: number): void {
    if (this.#waiting === 0 && !this.#closing) this.#sendRecord(type, NOTHING).catch(() => {})
  }

  #beatAt(dueMs: number): void {
    this.#stopBeating = this.#clock.after(dueMs - this.#clock.now(), () => this.#beat(dueMs))
  }

  #beat(dueMs: number): void {
    const now = this.#clock.now()
    // A beat that comes late means that this machine slept: what the other side sent meanwhile has not been read yet.
    if (this.#readerIsSlow || now - dueMs >= PING_AFTER_MS) this.#lastHeardMs = now
    if (now - this.#lastHeardMs >= DEAD_AFTER_MS) {
      return this.#fail(new VoltdropError('interrupted', `no sign of life for ${DEAD_AFTER_MS / 1000} s`))
    }
    if (now - this.#lastSentMs >= PING_AFTER_MS) {
      this.#say(RECORD.ping)
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
    this.#over.resolve()
  }
}
