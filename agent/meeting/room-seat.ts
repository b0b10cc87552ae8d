/**
 * A seat in a room that outlives its socket: edges are deployed anew, laptops sleep, proxies cut. Whoever waits ten minutes for the
 * other side comes back to its seat with its token (PROTOCOL.md section 1), and the meeting notices nothing.
 */
import { setTimeout } from 'node:timers/promises'
import type { RoomEvent, RoomSocket } from '../../peer/channel.ts'
import { MessageQueue } from '../../peer/message-queue.ts'
import { failureOfClose, MAX_SIDE_FRAMES, parseRoomMessage } from '../../protocol/meeting/room.ts'
import { connectToRoom, type SeatRequest, takeSeat } from './room-client.ts'

/** The way back is tried this long. The other side, if it is there already, waits about half of it. */
const RETURN_WITHIN_MS = 30_000
/** Between two tries: doubled each time, up to the longest, so that a restarted edge is not overrun. */
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 4_000

export type LastingSeatRequest = SeatRequest & {
  /** The socket broke, and the way back is being tried. */
  readonly onLost: () => void
}

/** Takes the seat as `takeSeat` does; the socket that it gives comes back by itself after a connection that broke. */
export async function takeLastingSeat(request: LastingSeatRequest): Promise<RoomSocket> {
  return new LastingSeat(request, await takeSeat(request))
}

class LastingSeat implements RoomSocket {
  readonly #request: LastingSeatRequest
  readonly #events = new MessageQueue<RoomEvent>()
  /** Ends the attempts to come back, when the seat is given up. */
  readonly #left = new AbortController()
  #token: string | undefined
  /** `undefined` while the way back is being tried. */
  #socket: RoomSocket | undefined
  /** What was said meanwhile. */
  #unsent: ((socket: RoomSocket) => void)[] = []

  constructor(request: LastingSeatRequest, socket: RoomSocket) {
    this.#request = request
    this.#token = request.token
    this.#socket = socket
    void this.#follow(socket)
  }

  get events(): AsyncIterable<RoomEvent> {
    return this.#events
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
    this.#end({ type: 'closed', closeCode: 1000 })
  }

  /** More than a side may send at all is never kept: the room would refuse it. */
  #send(say: (socket: RoomSocket) => void): void {
    if (this.#socket) say(this.#socket)
    else if (this.#unsent.length < 2 * MAX_SIDE_FRAMES) this.#unsent.push(say)
  }

  async #follow(first: RoomSocket): Promise<void> {
    for (let socket: RoomSocket | undefined = first; socket;) {
      // oxlint-disable no-await-in-loop -- one socket after the other
      const closed: RoomEvent | undefined = await this.#passOn(socket)
      this.#socket = undefined
      socket = closed && this.#isBroken(closed) ? await this.#comeBack() : undefined
      // oxlint-enable no-await-in-loop
      if (!socket) return this.#end(closed)
      this.#socket = socket
      for (const say of this.#unsent.splice(0)) say(socket)
    }
  }

  /** Hands on what comes, until the closing, which it resolves with. */
  async #passOn(socket: RoomSocket): Promise<RoomEvent | undefined> {
    for await (const event of socket.events) {
      if (event.type === 'closed') return event
      if (event.type === 'control') this.#token ??= guestToken(event.text)
      this.#events.push(event)
    }
    return undefined
  }

  #isBroken(event: RoomEvent): boolean {
    return event.type === 'closed' && failureOfClose(event.closeCode) === 'edge_unreachable'
  }

  async #comeBack(): Promise<RoomSocket | undefined> {
    const signal = AbortSignal.any([this.#request.signal, this.#left.signal])
    if (this.#token === undefined || signal.aborted) return undefined
    this.#request.onLost()
    const giveUpAtMs = performance.now() + RETURN_WITHIN_MS
    for (let pauseMs = FIRST_PAUSE_MS; performance.now() < giveUpAtMs; pauseMs *= 2) {
      // oxlint-disable no-await-in-loop -- one try after the other
      await setTimeout(Math.min(pauseMs, LONGEST_PAUSE_MS), undefined, { signal }).catch(() => {}) // given up: seen below
      const socket = signal.aborted
        ? undefined
        : await connectToRoom({ ...this.#request, token: this.#token, signal })
      // oxlint-enable no-await-in-loop
      if (socket) return socket
      if (signal.aborted) return undefined
    }
    return undefined
  }

  #end(closed: RoomEvent | undefined): void {
    if (closed) this.#events.push(closed)
    this.#events.end()
  }
}

/** The token in the room's `seated`, with which a guest comes back. */
function guestToken(text: string): string | undefined {
  try {
    const message = parseRoomMessage(text)
    return message.type === 'seated' ? message.token : undefined
  } catch {
    return undefined // the meeting reads the same text and says what is wrong with it
  }
}
