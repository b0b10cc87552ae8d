/**
 * A seat in a room that outlives its socket: edges are redeployed, laptops sleep, proxies close idle connections. An agent that waits ten
 * minutes for its peer returns to its seat with its token (PROTOCOL.md section 1), and the meeting does not notice.
 */
import { setTimeout } from 'node:timers/promises'
import type { RoomEvent, RoomSocket } from '../../peer/channel.ts'
import { closeCode, failureOfClose, MAX_SIDE_FRAMES, parseRoomMessage } from '../../protocol/meeting/room.ts'
import { connectToRoom, type SeatRequest, takeSeat } from './room-client.ts'

/** How long reconnecting is tried. A peer that is already there waits about half as long. */
const RETURN_WITHIN_MS = 30_000
/** The pause before each try: doubled each time, up to the longest, so that a restarted edge is not overloaded. */
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 4_000
/**
 * A socket that breaks earlier has not brought the seat back: the time and the pauses of the tries before it count on. An edge or a
 * proxy that cuts every socket would otherwise be asked for as long as the room waits.
 */
const STEADY_AFTER_MS = 10_000

export type LastingSeatRequest = SeatRequest & {
  /** Called when the socket broke and reconnecting begins. */
  readonly onLost: () => void
}

/** Takes the seat as `takeSeat` does. The returned socket reconnects by itself when its connection breaks. */
export async function takeLastingSeat(request: LastingSeatRequest): Promise<RoomSocket> {
  return new LastingSeat(request, await takeSeat(request))
}

class LastingSeat implements RoomSocket {
  /** For one reader, which must not stop reading: reconnecting is part of it. */
  readonly events: AsyncIterable<RoomEvent>
  readonly #request: LastingSeatRequest
  /** Aborted when the seat is given up, which ends reconnecting. */
  readonly #left = new AbortController()
  #token: string | undefined
  /** `undefined` while reconnecting. */
  #socket: RoomSocket | undefined
  /** What is to be sent after reconnecting. */
  #unsent: ((socket: RoomSocket) => void)[] = []
  /** Of the socket that reconnecting brought last. */
  #openedAtMs = Number.NEGATIVE_INFINITY
  #giveUpAtMs = 0
  #pauseMs = FIRST_PAUSE_MS

  constructor(request: LastingSeatRequest, socket: RoomSocket) {
    this.#request = request
    this.#token = request.token
    this.#socket = socket
    this.events = this.#follow(socket)
  }

  sendControl(text: string): void {
    this.#send((socket) => socket.sendControl(text))
  }

  sendToPeer(message: Uint8Array): void {
    const copy = this.#socket ? message : new Uint8Array(message)
    this.#send((socket) => socket.sendToPeer(copy))
  }

  close(): void {
    this.#left.abort()
    this.#socket?.close()
  }

  /** No more is kept than the room would take from one side. */
  #send(say: (socket: RoomSocket) => void): void {
    if (this.#socket) say(this.#socket)
    else if (this.#unsent.length < 2 * MAX_SIDE_FRAMES) this.#unsent.push(say)
  }

  /** The events of one socket after the other, without the closings that reconnecting makes up for. */
  async *#follow(first: RoomSocket): AsyncGenerator<RoomEvent, void> {
    for (let socket: RoomSocket | undefined = first; socket;) {
      const closed: RoomEvent | undefined = yield* this.#untilClosed(socket)
      this.#socket = undefined
      socket = closed && isBroken(closed) ? await this.#reconnect() : undefined
      if (!socket) {
        if (closed)
          yield this.#left.signal.aborted ? { type: 'closed', closeCode: closeCode('done') } : closed
        return
      }
      this.#socket = socket
      for (const say of this.#unsent.splice(0)) say(socket)
    }
  }

  /** Yields the events of `socket` except the closing, which it returns. */
  async *#untilClosed(socket: RoomSocket): AsyncGenerator<RoomEvent, RoomEvent | undefined> {
    for await (const event of socket.events) {
      if (event.type === 'closed') return event
      if (event.type === 'control') this.#token ??= guestToken(event.text)
      yield event
    }
    return undefined
  }

  async #reconnect(): Promise<RoomSocket | undefined> {
    const signal = AbortSignal.any([this.#request.signal, this.#left.signal])
    if (this.#token === undefined || signal.aborted) return undefined
    if (performance.now() - this.#openedAtMs >= STEADY_AFTER_MS) {
      this.#request.onLost()
      this.#giveUpAtMs = performance.now() + RETURN_WITHIN_MS
      this.#pauseMs = FIRST_PAUSE_MS
    }
    while (performance.now() < this.#giveUpAtMs) {
      const pauseMs = this.#pauseMs
      this.#pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
      // oxlint-disable no-await-in-loop -- one try after the other
      await setTimeout(pauseMs, undefined, { signal }).catch(() => {}) // aborted: handled below
      const socket = signal.aborted
        ? undefined
        : await connectToRoom({ ...this.#request, token: this.#token, signal })
      // oxlint-enable no-await-in-loop
      this.#openedAtMs = performance.now()
      if (socket) return socket
      if (signal.aborted) return undefined
    }
    return undefined
  }
}

function isBroken(event: RoomEvent): boolean {
  return event.type === 'closed' && failureOfClose(event.closeCode) === 'edge_unreachable'
}

/** The token in the room's `seated`, with which a guest returns to its seat. */
function guestToken(text: string): string | undefined {
  try {
    const message = parseRoomMessage(text)
    return message.type === 'seated' ? message.token : undefined
  } catch {
    return undefined // the meeting parses the same text and reports what is wrong with it
  }
}
