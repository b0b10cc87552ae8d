/** Two sockets of one room in memory. The room between them does its duty, or whatever a test wants an evil one to do. */
import type { RoomEvent, RoomSocket } from '../../../peer/channel.ts'
import { AsyncQueue } from '../../../peer/async-queue.ts'
import { closeCode, encodeRoomMessage, parseClientMessage } from '../../../protocol/meeting/room.ts'
import type { ClientMessage, Closing, RoomMessage, Seat } from '../../../protocol/meeting/room.ts'
import type { Fault } from './channel-pair.ts'

/** One seat: its socket, what it said, and the ways of the room to speak to it. */
export class SeatSocket implements RoomSocket {
  readonly events = new AsyncQueue<RoomEvent>()
  /** What became of the messages sent from this seat; may be changed at any time. */
  fault: Fault = (message) => [message]
  readonly sentToPeer: Uint8Array[] = []
  readonly said: ClientMessage[] = []
  closed = false
  readonly #onMessage: (message: Uint8Array) => void
  readonly #onSaid: (message: ClientMessage) => void
  readonly #onClose: () => void

  constructor(on: {
    message: (message: Uint8Array) => void
    said: (message: ClientMessage) => void
    close: () => void
  }) {
    this.#onMessage = on.message
    this.#onSaid = on.said
    this.#onClose = on.close
  }

  sendToPeer(message: Uint8Array): void {
    if (this.closed) throw new Error('the socket is closed')
    const index = this.sentToPeer.push(message.slice()) - 1
    for (const arriving of this.fault(message, index)) this.#onMessage(arriving)
  }

  sendControl(text: string): void {
    if (this.closed) throw new Error('the socket is closed')
    const message = parseClientMessage(text)
    this.said.push(message)
    this.#onSaid(message)
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.events.end(undefined, { discard: true })
    this.#onClose()
  }

  /** The room says something to this seat. */
  hear(message: RoomMessage): void {
    this.events.push({ type: 'control', text: encodeRoomMessage(message) })
  }

  /** A message arrives that claims to come from the other seat. */
  receive(message: Uint8Array): void {
    this.events.push({ type: 'peer', message })
  }

  /** The room closes the socket. */
  shut(closing: Closing): void {
    this.closed = true
    this.events.push({ type: 'closed', closeCode: closeCode(closing) })
    this.events.end()
  }
}

export type RoomPair = { readonly host: SeatSocket; readonly guest: SeatSocket }

const paired: RoomMessage = {
  type: 'paired',
  ice_servers: [{ urls: ['stun:192.0.2.1:3478'] }],
  relay: false,
}

/** A room with both seats taken, from both sockets' point of view. */
export function roomPair(): RoomPair {
  const host: SeatSocket = seatBeside(() => guest)
  const guest: SeatSocket = seatBeside(() => host)
  seat(host, 'host')
  seat(guest, 'guest')
  return { host, guest }
}

/** A socket whose other seat is the test itself: what is sent stands in `sentToPeer`, and `receive` answers. */
export function lonelySeat(as: Seat): SeatSocket {
  const socket = emptySeat()
  seat(socket, as)
  return socket
}

/** The same, of which the room has said nothing yet. */
export function emptySeat(): SeatSocket {
  return new SeatSocket({ message: () => {}, said: () => {}, close: () => {} })
}

function seat(socket: SeatSocket, as: Seat): void {
  socket.hear({ type: 'seated', seat: as })
  socket.hear(paired)
}

/** Tells a seat again that both are taken, as after a guest has left and another one has come. */
export function pairAgain(socket: SeatSocket): void {
  socket.hear(paired)
}

function seatBeside(other: () => SeatSocket): SeatSocket {
  const socket: SeatSocket = new SeatSocket({
    message: (message) => {
      if (!other().closed) other().receive(message)
    },
    said: (message) => {
      // A failed confirmation burns the room for both.
      if (message.type === 'failed') for (const each of [socket, other()]) each.shut('wrong_code')
    },
    close: () => {
      if (!other().closed) other().hear({ type: 'peer-left' })
    },
  })
  return socket
}
