/**
 * The protocol between an agent and the room (PROTOCOL.md section 1): text frames in both directions, close codes, limits, and the
 * answer to `POST /rooms`. Binary frames are for the other agent; the room does not read them.
 */
import * as z from 'zod/mini'
import { type Failure, VoltdropError } from '../errors.ts'
import { ICE_SERVER_URL } from './ice-server-url.ts'
import { MAX_ROOM_NUMBER } from './room-number.ts'

/** The WebSocket subprotocol of this version; the room refuses an upgrade that does not offer it. */
export const SUBPROTOCOL = 'voltdrop.v1'

/** The second subprotocol, by which a browser shows its token because it cannot set headers. The room never echoes it. */
export function tokenSubprotocol(token: string): string {
  return `${TOKEN_PREFIX}${token}`
}
const TOKEN_PREFIX = 'token.'

/** The token among the offered subprotocols, not validated; `undefined` when there is none. */
export function tokenOfProtocols(names: readonly string[]): string | undefined {
  return names.find((name) => name.startsWith(TOKEN_PREFIX))?.slice(TOKEN_PREFIX.length)
}

/** The names in a `Sec-WebSocket-Protocol` header (RFC 6455 section 11.3.4), in order. */
export function offeredProtocols(header: string | null): string[] {
  return (header ?? '').split(',').map((name) => name.trim())
}

/** 128 random bits in base64url (RFC 4648 section 5) without padding. */
export const TOKEN = /^[A-Za-z0-9_-]{22}$/

/** Largest frame in either direction: four times what sealed SDP with its candidates needs. */
export const MAX_FRAME_BYTES = 16_384

/** What one side may send in one room. A meeting takes about 15 frames a side, trickled candidates included. */
export const MAX_SIDE_FRAMES = 64
export const MAX_SIDE_BYTES = 262_144

/** ICE servers in one list, URLs of one server, and characters of one URL, user name or credential. */
export const MAX_ICE_SERVERS = 16
export const MAX_ICE_SERVER_URLS = 8
export const MAX_ICE_TEXT_CHARACTERS = 512

/** The close code of a connection that broke without a Close frame (RFC 6455 section 7.4.1). */
export const ABNORMAL_CLOSE_CODE = 1006

/** Keeps the socket alive: the exact text `ping` is answered `pong` without waking the room. */
export const PING = 'ping'
export const PONG = 'pong'

/** The Durable Object name of the only lobby: the Worker and every room address it. */
export const LOBBY_NAME = 'lobby'

export type Seat = 'host' | 'guest'

/** Why a room closes a socket, and what that means to the agent: `undefined` where nothing failed. */
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

/** The close code (RFC 6455 section 7.4) of `closing`. */
export function closeCode(closing: Closing): number {
  return closings[closing].code
}

/**
 * What a close code means to the agent that receives it: `undefined` for a room that is done. A code that is not in the table
 * (1006: the connection broke, 1012: the edge restarts) means that the edge cannot be reached.
 */
export function failureOfClose(code: number): Failure | undefined {
  for (const closing of Object.values(closings)) if (closing.code === code) return closing.failure
  return 'edge_unreachable'
}

/** A user name or password for a TURN server: printable ASCII, nothing that another protocol would read as a line. */
export const iceLogin = z.string().check(z.maxLength(MAX_ICE_TEXT_CHARACTERS), z.regex(/^[ -~]+$/))

const iceServer = z.strictObject({
  urls: z
    .array(z.string().check(z.regex(ICE_SERVER_URL)))
    .check(z.minLength(1), z.maxLength(MAX_ICE_SERVER_URLS)),
  username: z.optional(iceLogin),
  credential: z.optional(iceLogin),
})

const roomMessage = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('seated'),
    seat: z.enum(['host', 'guest']),
    token: z.optional(z.string().check(z.regex(TOKEN))),
  }),
  z.strictObject({
    type: z.literal('paired'),
    ice_servers: z.array(iceServer).check(z.maxLength(MAX_ICE_SERVERS)),
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
  relay: z.optional(z.boolean()),
})

/** An ICE server as the room hands it out (W3C RTCIceServer, where `urls` is always a list). */
export type RoomIceServer = z.infer<typeof iceServer>

/**
 * From the room to an agent. `seated` carries a token for a new guest only, with which the guest takes its seat again after its
 * connection broke. `paired` is sent each time both seats are taken, `peer-left` when the other seat becomes empty.
 */
export type RoomMessage = z.infer<typeof roomMessage>

/** From an agent to the room: the key confirmation succeeded, or it failed and the room must be burnt. */
export type ClientMessage = z.infer<typeof clientMessage>

/** The answer to `POST /rooms`; `expires_at` is a time of RFC 3339, `relay` whether the edge has TURN servers to grant. */
export type OpenedRoom = z.infer<typeof openedRoom>

/** Longest text frame of an agent: `{"type":"failed"}` with some space to spare. */
const MAX_CLIENT_TEXT_CHARACTERS = 64

/** Longest answer to `POST /rooms`. */
const MAX_OPENED_ROOM_CHARACTERS = 1_024

/** Parses a text frame from the room. @throws VoltdropError `broken_protocol` for anything outside the table. */
export function parseRoomMessage(text: string): RoomMessage {
  return parse(roomMessage, text, MAX_FRAME_BYTES)
}

/** Parses a text frame from an agent. @throws VoltdropError `broken_protocol` for anything outside the table. */
export function parseClientMessage(text: string): ClientMessage {
  return parse(clientMessage, text, MAX_CLIENT_TEXT_CHARACTERS)
}

/** Parses the body of a 201 from `POST /rooms`. @throws VoltdropError `broken_protocol`. */
export function parseOpenedRoom(text: string): OpenedRoom {
  return parse(openedRoom, text, MAX_OPENED_ROOM_CHARACTERS)
}

export function encodeRoomMessage(message: RoomMessage): string {
  return JSON.stringify(message)
}
export function encodeClientMessage(message: ClientMessage): string {
  return JSON.stringify(message)
}

function parse<T>(schema: z.ZodMiniType<T>, text: string, maxCharacters: number): T {
  if (text.length > maxCharacters) throw new VoltdropError('broken_protocol', 'the room message is too long')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new VoltdropError('broken_protocol', 'the room message is not JSON', { cause })
  }
  const result = z.safeParse(schema, value)
  if (!result.success)
    throw new VoltdropError('broken_protocol', 'the room message is not one of the protocol')
  return result.data
}
