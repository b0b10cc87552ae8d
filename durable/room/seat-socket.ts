/** What a socket in a seat knows of itself: an attachment that the platform keeps while the room hibernates. */
import {
  type Closing,
  closeCode,
  encodeRoomMessage,
  type RoomMessage,
  type Seat,
} from '../../protocol/meeting/room.ts'
import type { Budget } from './room-state.ts'

export type Attachment = {
  readonly seat: Seat
  readonly budget: Budget
  /** The last word this side heard is that the other one is there. */
  readonly told: boolean
  /** It lost its seat and is only still closing. */
  readonly left: boolean
}

export function attach(socket: WebSocket, attachment: Attachment): void {
  return socket.serializeAttachment(attachment)
}

/** `undefined` for a socket that never had a seat. */
export function attachmentOf(socket: WebSocket): Attachment | undefined {
  return (socket.deserializeAttachment() as Attachment | null) ?? undefined
}

export function isSeated(socket: WebSocket): boolean {
  return socket.readyState === WebSocket.OPEN && attachmentOf(socket)?.left === false
}

export function isTold(socket: WebSocket): boolean {
  return attachmentOf(socket)?.told === true
}

export function say(socket: WebSocket, message: RoomMessage): void {
  return socket.send(encodeRoomMessage(message))
}

/** Says whether the other side is there, and remembers that it was said. */
export function tell(socket: WebSocket, told: boolean, message: RoomMessage): void {
  const attachment = attachmentOf(socket)
  if (attachment) attach(socket, { ...attachment, told })
  say(socket, message)
}

/** Takes the seat away and closes; the close event that follows then means nothing any more. */
export function retire(socket: WebSocket, closing: Closing): void {
  const attachment = attachmentOf(socket)
  if (attachment) attach(socket, { ...attachment, left: true })
  socket.close(closeCode(closing), closing)
}
