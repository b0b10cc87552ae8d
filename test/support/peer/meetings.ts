/** Meetings in memory: a sender and a receiver in the two seats of one room. */
import { meetAsReceiver, meetAsSender } from '../../../peer/meeting/meeting.ts'
import type { Meeting, MeetingOptions } from '../../../peer/meeting/meeting.ts'
import { asVoltdropError } from '../../../protocol/errors.ts'
import type { Code } from '../../../protocol/meeting/phrase.ts'
import { Secret } from '../../../protocol/secret.ts'
import { nodeCiphers } from './aead.ts'
import { VirtualClock, settled } from '../clock.ts'
import { roomPair } from './room-pair.ts'
import type { RoomPair, SeatSocket } from './room-pair.ts'

export function code(words = 'copper-label', room = 7): Code {
  return { room, words: new Secret(words) }
}

/** The outcome of a meeting: the meeting, or the code of the failure. */
export type Ended = { readonly meeting?: Meeting; readonly failure?: string }

export function ended(meeting: Promise<Meeting>): Promise<Ended> {
  return meeting.then(
    (result) => ({ meeting: result }),
    (error: unknown) => ({ failure: asVoltdropError(error).code }),
  )
}

export type Started = {
  readonly room: RoomPair
  readonly clock: VirtualClock
  readonly sender: Promise<Ended>
  readonly receiver: Promise<Ended>
}

/** Starts both sides in one room; `interfere` may change the room before anything is sent. */
export function startMeetings(
  words: { readonly sender?: string; readonly receiver?: string } = {},
  interfere: (room: RoomPair) => void = () => {},
): Started {
  const clock = new VirtualClock()
  const room = roomPair()
  interfere(room)
  return {
    room,
    clock,
    sender: ended(meetAsSender(optionsFor(room.host, clock, code(words.sender)))),
    receiver: ended(meetAsReceiver(optionsFor(room.guest, clock, code(words.receiver)))),
  }
}

export function optionsFor(socket: SeatSocket, clock: VirtualClock, withCode = code()): MeetingOptions {
  return { socket, clock, code: withCode, primitives: nodeCiphers }
}

/** The two sides of a successful meeting. */
export async function metPair(): Promise<{
  readonly room: RoomPair
  readonly clock: VirtualClock
  readonly sender: Meeting
  readonly receiver: Meeting
}> {
  const { room, clock, ...both } = startMeetings()
  await settled()
  const [sender, receiver] = [(await both.sender).meeting, (await both.receiver).meeting]
  if (!sender || !receiver) throw new TypeError('an undisturbed meeting failed')
  return { room, clock, sender, receiver }
}
