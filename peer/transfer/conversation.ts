/**
 * Transfer messages over a link: what arrives is decoded, the other side's failures become ours, ours are told to
 * the other side, and a wait can be interrupted.
 */
import { VoltdropError } from '../../protocol/errors.ts'
import { decodeFrame, encodeDecline, encodeError } from '../../protocol/transfer/frames.ts'
import type { Failure } from '../../protocol/errors.ts'
import type { Frame } from '../../protocol/transfer/frames.ts'
import type { Link } from '../link/link.ts'

export class Conversation {
  #link: Link
  #messages: AsyncIterator<Uint8Array>
  #signal: AbortSignal | undefined
  #upcoming: Promise<Frame>
  #rejectUpcoming: (error: VoltdropError) => void = () => {}
  #interruption: VoltdropError | undefined
  #toldByPeer: VoltdropError | undefined

  /** Aborting `signal` interrupts with `cancelled`. */
  constructor(link: Link, signal?: AbortSignal) {
    this.#link = link
    this.#messages = link.messages[Symbol.asyncIterator]()
    this.#signal = signal
    this.#upcoming = this.#pull()
    signal?.addEventListener('abort', this.#cancel, { once: true })
    if (signal?.aborted) this.#cancel()
  }

  /** Resolves when there is room for more. Rejects as `next` would: what the other side said last tells why it takes nothing more. */
  async send(message: Uint8Array): Promise<void> {
    try {
      await this.#link.send(message)
    } catch {
      for (;;) await this.next()
    }
  }

  /**
   * The next frame. Rejects with the code that the other side reports, with `interrupted` when the link ends first,
   * and with whatever the link or the decoder finds wrong. Two callers at once get the same frame.
   */
  async next(): Promise<Frame> {
    const upcoming = this.#upcoming
    const frame = await upcoming
    if (this.#upcoming === upcoming) this.#upcoming = this.#pull()
    return frame
  }

  /** `work`, given up as soon as the other side leaves, fails or speaks: it must have nothing to say meanwhile. */
  async whileQuiet<T>(work: Promise<T>): Promise<T> {
    const speaks = this.#upcoming.then((frame): never => {
      throw unexpected(frame)
    })
    return Promise.race([work, speaks])
  }

  /** Makes the pending `next` and all later ones reject with `error`. The first interruption counts. */
  interrupt(error: VoltdropError): void {
    this.#interruption ??= error
    this.#rejectUpcoming(this.#interruption)
    this.#upcoming = this.#pull()
  }

  /** Says goodbye properly: everything sent is delivered first. */
  async finish(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#cancel)
    await this.#link.close()
  }

  /** Tells the other side why this side ends, unless it was the one who said so, and closes the link. Never rejects. */
  async fail(error: VoltdropError, say: 'error' | 'decline'): Promise<void> {
    const message = say === 'decline' ? encodeDecline(error.code) : encodeError(error.code)
    // When the link is what failed, the other side learns it from the link itself. Only closing is waited for: it
    // comes after what was sent and has a deadline of its own, which a side that stopped reading cannot stretch.
    if (error !== this.#toldByPeer) this.#link.send(message).catch(() => {})
    await this.finish().catch(() => {})
  }

  #cancel = (): void => this.interrupt(new VoltdropError('cancelled'))

  /** One message is always asked for, so that a link which ends is noticed whatever this side is busy with. */
  #pull(): Promise<Frame> {
    const upcoming = new Promise<Frame>((resolve, reject) => {
      this.#rejectUpcoming = reject
      if (this.#interruption) reject(this.#interruption)
      else this.#read().then(resolve, reject)
    })
    upcoming.catch(() => {}) // whoever asks for the next frame gets the rejection
    return upcoming
  }

  async #read(): Promise<Frame> {
    const { done, value } = await this.#messages.next()
    if (done) throw new VoltdropError('interrupted', 'the other side closed the connection')
    const frame = decodeFrame(value)
    if (frame.type === 'error') throw this.#peerSays(frame.code)
    if (frame.type === 'decline') throw this.#peerSays(frame.reason)
    return frame
  }

  /** Whoever pressed Ctrl-C over there, here it is an interruption: `cancelled` is for the side whose user did it. */
  #peerSays(code: Failure): VoltdropError {
    if (code === 'cancelled') {
      this.#toldByPeer = new VoltdropError('interrupted', 'the other side was stopped by its user')
    } else {
      this.#toldByPeer = new VoltdropError(code, 'at the other side')
    }
    return this.#toldByPeer
  }
}

/** A frame that its sender may not send now. */
export function unexpected(frame: Frame): VoltdropError {
  return new VoltdropError('broken_protocol', `unexpected ${frame.type}`)
}
