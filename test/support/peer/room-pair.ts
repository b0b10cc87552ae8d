/** Two sockets of one room in memory. The room follows the protocol unless a test sets a fault. */
import type { RoomEvent, RoomSocket } from '../../../peer/channel.ts'
import { AsyncQueue } from '../../../peer/async-queue.ts'
import { closeCode, encodeRoomMessage, parseClientMessage } from '../../../protocol/meeting/room.ts'
import type { ClientMessage, Closing, RoomMessage, Seat } from '../../../protocol/meeting/room.ts'
import type { Fault } from './channel-pair.ts'

/** One seat: its socket, what was sent over it, and methods by which the room sends to it. */
export class SeatSocket implements RoomSocket {
  readonly events = new AsyncQueue<RoomEvent>()
  /** Applied to the messages sent from this seat; may be changed at any time. */
  fault: Fault = (message) => [message]
  readonly sentToPeer: Uint8Array[] = []
  readonly sentToRoom: ClientMessage[] = []
  closed = false
  readonly #onSentToPeer: (message: Uint8Array) => void
  readonly #onSentToRoom: (message: ClientMessage) => void
  readonly #onClose: () => void

  constructor(on: {
    toPeer: (message: Uint8Array) => void
    toRoom: (message: ClientMessage) => void
    close: () => void
  }) {
    this.#onSentToPeer = on.toPeer
    this.#onSentToRoom = on.toRoom
    this.#onClose = on.close
  }

  sendToPeer(message: Uint8Array): void {
    if (this.closed) throw new Error('the socket is closed')
    const index = this.sentToPeer.push(message.slice()) - 1
    for (const arriving of this.fault(message, index)) this.#onSentToPeer(arriving)
  }

  sendControl(text: string): void {
    if (this.closed) throw new Error('the socket is closed')
    const message = parseClientMessage(text)
    this.sentToRoom.push(message)
    this.#onSentToRoom(message)
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.events.end(undefined, { discard: true })
    this.#onClose()
  }

  /** The room sends a message of its own to this seat. */
  receiveFromRoom(message: RoomMessage): void {
    this.events.push({ type: 'control', text: encodeRoomMessage(message) })
  }

  /** A message arrives as if it came from the other seat. */
  receiveFromPeer(message: Uint8Array): void {
    this.events.push({ type: 'peer', message })
  }

  /** The room closes the socket. */
  closeByRoom(closing: Closing): void {
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

/** A room in which both seats are taken. */
export function roomPair(): RoomPair {
  const host: SeatSocket = relayingSeat('host', () => guest)
  const guest: SeatSocket = relayingSeat('guest', () => host)
  seat(host, 'host')
  seat(guest, 'guest')
  return { host, guest }
}

/** A seat whose peer is the test: `sentToPeer` has what was sent, and `receiveFromPeer` answers. */
export function scriptedSeat(as: Seat): SeatSocket {
  const socket = unseatedSocket()
  seat(socket, as)
  return socket
}

/** The same, before the room has sent anything. */
export function unseatedSocket(): SeatSocket {
  return new SeatSocket({ toPeer: () => {}, toRoom: () => {}, close: () => {} })
}

function seat(socket: SeatSocket, as: Seat): void {
  socket.receiveFromRoom({ type: 'seated', seat: as })
  socket.receiveFromRoom(paired)
}

/** Tells a seat again that both are taken, as after one guest has left and another has come. */
export function pairAgain(socket: SeatSocket): void {
  socket.receiveFromRoom(paired)
}

function relayingSeat(as: Seat, other: () => SeatSocket): SeatSocket {
  const socket: SeatSocket = new SeatSocket({
    toPeer: (message) => {
      if (!other().closed) other().receiveFromPeer(message)
    },
    toRoom: (message) => {
      if (message.type !== 'failed') return
      socket.closeByRoom('done')
      // The host's report burns the room for both, the guest's only frees its seat.
      if (as === 'host') other().closeByRoom('wrong_code')
      else other().receiveFromRoom({ type: 'peer-left' })
    },
    close: () => {
      if (!other().closed) other().receiveFromRoom({ type: 'peer-left' })
    },
  })
  return socket
}
