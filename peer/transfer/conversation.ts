/**
 * Transfer messages over a link: messages are decoded as they arrive, a failure on either side is reported to the other, and a
 * pending wait can be interrupted.
 */
import { VoltdropError } from '../../protocol/errors.ts'
import type { Failure } from '../../protocol/errors.ts'
import { encodeError } from '../../protocol/transfer/closing-frames.ts'
import { decodeFrame } from '../../protocol/transfer/frames.ts'
import type { Frame, FrameHandlers } from '../../protocol/transfer/frames.ts'
import { encodeDecline } from '../../protocol/transfer/opening-frames.ts'
import type { Clock } from '../channel.ts'
import type { Link } from '../link/link.ts'
import { ProgressWatch } from './progress-watch.ts'

/** What one side may have to act on: `error` and `decline` become failures before that. */
export type TransferFrame = Exclude<Frame, { type: 'error' | 'decline' }>

/** How one side of a transfer answers every message that the other side can send. */
export type TransferHandlers<R> = FrameHandlers<TransferFrame['type'], R>

/**
 * How long no byte may move while a file is on its way. A disk that writes back what it has cached, or an array that wakes up, stands
 * still for up to half a minute; one that takes longer is broken as far as a person who waits can tell.
 */
const STALLED_MS = 60_000

export class Conversation {
  /** Ends the conversation with `interrupted` when nothing moves for too long. It watches nothing until it is told what to expect. */
  readonly watch: ProgressWatch
  #link: Link
  #messages: AsyncIterator<Uint8Array>
  #signal: AbortSignal | undefined
  #upcoming: Promise<TransferFrame>
  #rejectUpcoming: (error: VoltdropError) => void = () => {}
  #interruption: VoltdropError | undefined
  #reportedByPeer: VoltdropError | undefined

  /** Aborting `signal` interrupts with `cancelled`. */
  constructor(link: Link, clock: Clock, signal?: AbortSignal) {
    this.watch = new ProgressWatch(clock, (why) => this.interrupt(new VoltdropError('interrupted', why)))
    this.#link = link
    this.#messages = link.messages[Symbol.asyncIterator]()
    this.#signal = signal
    this.#upcoming = this.#pull()
    signal?.addEventListener('abort', this.#cancel, { once: true })
    if (signal?.aborted) this.#cancel()
  }

  /**
   * Resolves when the link has room for more. When the link takes nothing more, rejects as `next` would: the last message of the
   * other side tells why.
   */
  async send(message: Uint8Array): Promise<void> {
    try {
      await this.#link.send(message)
    } catch {
      for (;;) await this.next()
    }
  }

  /**
   * The next frame. Rejects with the code that the other side reports, with `interrupted` when the link ends first, and with any
   * error of the link or the decoder. Two concurrent calls get the same frame.
   */
  async next(): Promise<TransferFrame> {
    const upcoming = this.#upcoming
    const frame = await upcoming
    if (this.#upcoming === upcoming) this.#upcoming = this.#pull()
    return frame
  }

  /** The result of `work`. Rejects at once when the other side leaves, fails or sends anything, which it must not do meanwhile. */
  async whileQuiet<T>(work: Promise<T>): Promise<T> {
    const speaks = this.#upcoming.then(unexpected)
    return Promise.race([work, speaks])
  }

  /** From now on `watch.moved` must be called at least once a minute. `waitingFor` tells what would have to happen. */
  expectBytes(waitingFor: () => string): void {
    this.watch.expect(STALLED_MS, () => `no byte moved for ${STALLED_MS / 1_000} s: ${waitingFor()}`)
  }

  /** Makes the pending `next` and all later ones reject with `error`. Only the first interruption counts. */
  interrupt(error: VoltdropError): void {
    this.#interruption ??= error
    this.#rejectUpcoming(this.#interruption)
    this.#upcoming = this.#pull()
  }

  /** Closes the link in order: everything sent is delivered first. */
  async finish(): Promise<void> {
    this.watch.stop()
    this.#signal?.removeEventListener('abort', this.#cancel)
    await this.#link.close()
  }

  /** Reports `error` to the other side, unless it came from there, and closes the link. Never rejects. */
  async fail(error: VoltdropError, as: 'error' | 'decline'): Promise<void> {
    const message = as === 'decline' ? encodeDecline(error.code) : encodeError(error.code)
    // If the link itself failed, the other side learns that from the link. Only closing is awaited: it comes after everything
    // sent, and has a deadline that a peer which stopped reading cannot extend.
    if (error !== this.#reportedByPeer) this.#link.send(message).catch(() => {})
    await this.finish().catch(() => {})
  }

  #cancel = (): void => this.interrupt(new VoltdropError('cancelled'))

  /** One message is always being read, so that the end of the link is noticed whatever this side is doing. */
  #pull(): Promise<TransferFrame> {
    const upcoming = new Promise<TransferFrame>((resolve, reject) => {
      this.#rejectUpcoming = reject
      if (this.#interruption) reject(this.#interruption)
      else this.#read().then(resolve, reject)
    })
    upcoming.catch(() => {}) // the next call of `next` gets the rejection
    return upcoming
  }

  async #read(): Promise<TransferFrame> {
    const { done, value } = await this.#messages.next()
    if (done) throw new VoltdropError('interrupted', 'the other side closed the connection')
    const frame = decodeFrame(value)
    if (frame.type === 'error') throw this.#reported(frame.code)
    if (frame.type === 'decline') throw this.#reported(frame.reason)
    return frame
  }

  /** Ctrl-C on the other side is an interruption on this one: `cancelled` is for the side whose user pressed it. */
  #reported(code: Failure): VoltdropError {
    this.#reportedByPeer =
      code === 'cancelled'
        ? new VoltdropError('interrupted', 'the other side was stopped')
        : new VoltdropError(code, 'at the other side', { isReported: true })
    return this.#reportedByPeer
  }
}

/** Refuses a frame that may not come now. @throws VoltdropError `broken_protocol` */
export function unexpected(frame: Frame): never {
  throw new VoltdropError('broken_protocol', `unexpected ${frame.type}`)
}
