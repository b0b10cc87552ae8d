/** A socket in a seat, with an attachment that the platform keeps while the room hibernates. */
import {
  type Closing,
  closeCode,
  encodeRoomMessage,
  type RoomMessage,
  type Seat,
} from '../../protocol/meeting/room.ts'
import { NOTHING_SENT, type Sent } from './room-state.ts'

export type Attachment = {
  readonly seat: Seat
  readonly sent: Sent
  /** The last thing this side was told is that the other side is there. */
  readonly knowsPeer: boolean
  /** It has lost its seat and is only closing. */
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

export function knowsPeer(socket: WebSocket): boolean {
  return attachmentOf(socket)?.knowsPeer === true
}

/** What was sent to a guest that has left does not count for the next one. */
export function forgetSent(socket: WebSocket): void {
  const attachment = attachmentOf(socket)
  if (attachment) attach(socket, { ...attachment, sent: NOTHING_SENT })
}

export function sendRoomMessage(socket: WebSocket, message: RoomMessage): void {
  return socket.send(encodeRoomMessage(message))
}

/** Tells a side that the other one is there (`paired`) or has left (`peer-left`), and remembers which. */
export function tellOfPeer(
  socket: WebSocket,
  message: Extract<RoomMessage, { type: 'paired' | 'peer-left' }>,
): void {
  const attachment = attachmentOf(socket)
  if (attachment) attach(socket, { ...attachment, knowsPeer: message.type === 'paired' })
  sendRoomMessage(socket, message)
}

/** Takes the seat away and closes the socket; its close event is then ignored. */
export function retire(socket: WebSocket, closing: Closing): void {
  const attachment = attachmentOf(socket)
  if (attachment) attach(socket, { ...attachment, left: true })
  socket.close(closeCode(closing), closing)
}
