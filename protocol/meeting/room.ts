/**
 * What an agent and the room say to each other (PROTOCOL.md section 1): the room's text frames in both directions,
 * its close codes, its limits, and the answer to `POST /rooms`. Binary frames belong to the two agents alone.
 */
import * as z from 'zod/mini'
import { type Failure, VoltdropError } from '../errors.ts'

/** The WebSocket subprotocol of this version; the room refuses an upgrade that does not offer it. */
export const SUBPROTOCOL = 'voltdrop.v1'

/** The second subprotocol a browser offers to show its token, because it cannot set headers. The room never echoes it. */
export function tokenSubprotocol(token: string): string {
  return `${TOKEN_PREFIX}${token}`
}
const TOKEN_PREFIX = 'token.'

/** The token among the offered subprotocols, unchecked; `undefined` when there is none. */
export function tokenOfProtocols(names: readonly string[]): string | undefined {
  return names.find((name) => name.startsWith(TOKEN_PREFIX))?.slice(TOKEN_PREFIX.length)
}

/** The names in a `Sec-WebSocket-Protocol` header (RFC 6455 section 11.3.4), in order. */
export function offeredProtocols(header: string | null): string[] {
  return (header ?? '').split(',').map((name) => name.trim())
}

/** 128 random bits in base64url (RFC 4648 section 5) without padding. */
export const TOKEN = /^[A-Za-z0-9_-]{22}$/

/** A room number as it stands in a code and in a URL: 1 to 999999, no leading zero. */
export const ROOM_NUMBER = /^[1-9]\d{0,5}$/
export const MAX_ROOM_NUMBER = 999_999

/** Largest frame either way: sealed SDP with its candidates stays under 4 KiB, so four times that. */
export const MAX_FRAME_BYTES = 16_384

/** What one side may send in one room: a meeting takes about 15 frames a side, trickled candidates included. */
export const MAX_SIDE_FRAMES = 64
export const MAX_SIDE_BYTES = 262_144

/** Liveness of the socket: the exact text `ping` is answered `pong` without waking the room. */
export const PING = 'ping'
export const PONG = 'pong'

/** The Durable Object name of the only lobby: the Worker and every room address it. */
export const LOBBY_NAME = 'lobby'

export type Seat = 'host' | 'guest'

/** Why a room closes a socket, and the failure that means for the agent; `undefined` where nothing failed. */
const closings = {
  done: { code: 1000, failure: undefined },
  policy: { code: 1008, failure: 'broken_protocol' },
  too_big: { code: 1009, failure: 'broken_protocol' },
  no_such_room: { code: 4000, failure: 'no_such_room' },
  meeting_timeout: { code: 4001, failure: 'meeting_timeout' },
  wrong_code: { code: 4002, failure: 'wrong_code' },
  broken_protocol: { code: 4003, failure: 'broken_protocol' },
  replaced: { code: 4004, failure: 'interrupted' },
} as const satisfies Record<string, { code: number; failure: Failure | undefined }>

/** The name is also the reason text of the Close frame. */
export type Closing = keyof typeof closings

/** The close code (RFC 6455 section 7.4) that stands for `closing`. */
export function closeCode(closing: Closing): number {
  return closings[closing].code
}

/**
 * What a close code means to the agent that receives it. `undefined` for a room that is simply done; a code that is not in
 * the table (1006: the connection broke, 1012: the edge restarts) is an edge that went away.
 */
export function failureOfClose(code: number): Failure | undefined {
  for (const closing of Object.values(closings)) if (closing.code === code) return closing.failure
  return 'edge_unreachable'
}

const iceServer = z.strictObject({
  urls: z
    .array(z.string().check(z.maxLength(512), z.regex(/^(stun|turn)s?:[^\s]+$/)))
    .check(z.minLength(1), z.maxLength(8)),
  username: z.optional(z.string().check(z.maxLength(512))),
  credential: z.optional(z.string().check(z.maxLength(512))),
})

const roomMessage = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('seated'),
    seat: z.enum(['host', 'guest']),
    token: z.optional(z.string().check(z.regex(TOKEN))),
  }),
  z.strictObject({
    type: z.literal('paired'),
    ice_servers: z.array(iceServer).check(z.maxLength(16)),
    relay: z.boolean(),
  }),
  z.strictObject({ type: z.literal('peer-left') }),
])

const clientMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('met') }),
  z.strictObject({ type: z.literal('failed') }),
])

const openedRoom = z.strictObject({
  number: z.number().check(z.int(), z.minimum(1), z.maximum(MAX_ROOM_NUMBER)),
  token: z.string().check(z.regex(TOKEN)),
  expires_at: z.iso.datetime(),
})

/** An ICE server as the room hands it out (W3C RTCIceServer, urls always a list). */
export type RoomIceServer = z.infer<typeof iceServer>

/**
 * The room's words to an agent. `seated` carries a token for a new guest only: with it the guest takes its seat again after a
 * broken connection. `paired` comes whenever both seats are (again) taken; `peer-left` when the other one is empty.
 */
export type RoomMessage = z.infer<typeof roomMessage>

/** An agent's words to the room: the key confirmation succeeded, or failed and the room is to be burnt. */
export type ClientMessage = z.infer<typeof clientMessage>

/** The answer to `POST /rooms`; `expires_at` is RFC 3339. */
export type OpenedRoom = z.infer<typeof openedRoom>

/** Room numbers and words are short: more text than this in an agent's frame is none of ours. */
const MAX_CLIENT_TEXT = 64

/** Reads a text frame from the room. @throws VoltdropError `broken_protocol` for anything outside the table. */
export function parseRoomMessage(text: string): RoomMessage {
  return parse(roomMessage, text, MAX_FRAME_BYTES)
}

/** Reads a text frame from an agent. @throws VoltdropError `broken_protocol` for anything outside the table. */
export function parseClientMessage(text: string): ClientMessage {
  return parse(clientMessage, text, MAX_CLIENT_TEXT)
}

/** Reads the body of a 201 from `POST /rooms`. @throws VoltdropError `broken_protocol`. */
export function parseOpenedRoom(text: string): OpenedRoom {
  return parse(openedRoom, text, 1_024)
}

export function encodeRoomMessage(message: RoomMessage): string {
  return JSON.stringify(message)
}
export function encodeClientMessage(message: ClientMessage): string {
  return JSON.stringify(message)
}

function parse<T>(schema: z.ZodMiniType<T>, text: string, maxLength: number): T {
  if (text.length > maxLength)
    throw new VoltdropError('broken_protocol', 'a text frame of the room is too long')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new VoltdropError('broken_protocol', 'a text frame of the room is not JSON', { cause })
  }
  const result = z.safeParse(schema, value)
  if (!result.success)
    throw new VoltdropError('broken_protocol', 'a text frame of the room is not in the table')
  return result.data
}
