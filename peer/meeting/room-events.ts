/** The room's socket as a meeting reads it: one event at a time, parsed and within limits, until a deadline or cancellation. */
import { VoltdropError, asVoltdropError } from '../../protocol/errors.ts'
import { MAX_FRAME_BYTES, MAX_SIDE_BYTES, MAX_SIDE_FRAMES, PONG } from '../../protocol/meeting/room.ts'
import { encodeClientMessage, failureOfClose, parseRoomMessage } from '../../protocol/meeting/room.ts'
import type { ClientMessage, RoomMessage } from '../../protocol/meeting/room.ts'
import type { Clock, RoomEvent, RoomSocket } from '../channel.ts'
import { AsyncQueue } from '../async-queue.ts'

/** What a room may deliver at once: all that the other side may send, and far more messages of its own than that takes. */
const MAX_UNREAD_EVENTS = 4 * MAX_SIDE_FRAMES

/** Any number of strangers may come and leave, but for each the sender draws a share: no faster than half a second of work a second. */
const MAX_CONTROL_FRAMES_A_SECOND = 1_000

export type MeetingEvent = RoomMessage | { readonly type: 'peer'; readonly message: Uint8Array }

export class RoomEvents {
  readonly #socket: RoomSocket
  readonly #clock: Clock
  readonly #arrived = new AsyncQueue<RoomEvent>()
  readonly #deadlines = new Set<() => void>()
  readonly #signal: AbortSignal | undefined
  #peerFrames = 0
  #peerBytes = 0
  /** Since the time after it, in milliseconds of the clock. */
  #controlFrames = 0
  #countedFromMs = 0

  /** Aborting `signal` makes `next` reject with its reason, or with `cancelled` when that is no VoltdropError. */
  constructor(socket: RoomSocket, clock: Clock, signal?: AbortSignal) {
    this.#socket = socket
    this.#clock = clock
    this.#signal = signal
    signal?.addEventListener('abort', this.#cancel, { once: true })
    if (signal?.aborted) this.#cancel()
    void this.#receive()
  }

  /**
   * The next event.
   * @throws VoltdropError with the meaning of the close code, the code of a deadline, `cancelled`, or `broken_protocol` for a frame that
   * is not in the protocol or exceeds a limit. Every call after the first error throws the same error.
   */
  async next(): Promise<MeetingEvent> {
    const { value } = await this.#arrived.next()
    if (value === undefined)
      throw new VoltdropError('edge_unreachable', 'the connection to the room ended without a close code')
    if (value.type === 'peer') return this.#counted(value)
    if (value.type === 'control') return this.#parsed(value.text)
    // A room that is done while this side still waits was left by the other side.
    const failure = failureOfClose(value.closeCode) ?? 'interrupted'
    throw new VoltdropError(failure, failure === 'interrupted' ? 'the room was closed' : undefined)
  }

  /** Makes `next` reject with `error` unless the returned function is called within `ms`. */
  deadline(ms: number, error: () => VoltdropError): () => void {
    const stop = this.#clock.after(ms, () => this.fail(error()))
    const cancel = (): void => {
      stop()
      this.#deadlines.delete(cancel)
    }
    this.#deadlines.add(cancel)
    return cancel
  }

  /** @throws VoltdropError `edge_unreachable` when the socket does not take the message. */
  sendToRoom(message: ClientMessage): void {
    orUnreachable(() => this.#socket.sendControl(encodeClientMessage(message)))
  }

  /** @throws VoltdropError `edge_unreachable` when the socket does not take the message. */
  sendToPeer(message: Uint8Array): void {
    orUnreachable(() => this.#socket.sendToPeer(message))
  }

  /** Makes the pending `next` and all later ones reject with `error`. */
  fail(error: VoltdropError): void {
    this.#arrived.end(error, { discard: true })
    this.#clearTimers()
  }

  /** Leaves the room. */
  close(): void {
    this.fail(new VoltdropError('interrupted', 'this side has left the room'))
    this.#socket.close()
  }

  #cancel = (): void => this.fail(asVoltdropError(this.#signal?.reason, 'cancelled'))

  #clearTimers(): void {
    for (const cancel of this.#deadlines) cancel()
    this.#signal?.removeEventListener('abort', this.#cancel)
  }

  async #receive(): Promise<void> {
    try {
      for await (const event of this.#socket.events) {
        this.#checkUnread(event)
        if (event.type !== 'control' || event.text !== PONG) this.#arrived.push(event)
      }
      this.#arrived.end()
    } catch (cause) {
      this.fail(asVoltdropError(cause, 'edge_unreachable'))
    }
  }

  /**
   * The room enforces these limits too, but it is not trusted. They hold for each guest: any number of strangers may come and leave
   * while a sender waits.
   */
  #counted<T extends { readonly message: Uint8Array }>(frame: T): T {
    this.#peerFrames++
    this.#peerBytes += frame.message.length
    if (this.#peerFrames > MAX_SIDE_FRAMES || this.#peerBytes > MAX_SIDE_BYTES) this.#refuse()
    return frame
  }

  #parsed(text: string): RoomMessage {
    const nowMs = this.#clock.now()
    if (nowMs - this.#countedFromMs >= 1_000) {
      this.#countedFromMs = nowMs
      this.#controlFrames = 0
    }
    if (++this.#controlFrames > MAX_CONTROL_FRAMES_A_SECOND) this.#refuse()
    const message = parseRoomMessage(text)
    if (message.type === 'peer-left') this.#peerFrames = this.#peerBytes = 0
    return message
  }

  #refuse(): never {
    this.fail(tooMuch())
    throw tooMuch()
  }

  /** What waits here is in memory. */
  #checkUnread(event: RoomEvent): void {
    const isTooLong = event.type === 'peer' && event.message.length > MAX_FRAME_BYTES
    if (isTooLong || this.#arrived.length >= MAX_UNREAD_EVENTS) throw tooMuch()
  }
}

function tooMuch(): VoltdropError {
  return new VoltdropError('broken_protocol', 'more came from the room than the protocol allows')
}

function orUnreachable(send: () => void): void {
  try {
    send()
  } catch (error) {
    throw asVoltdropError(error, 'edge_unreachable')
  }
}
