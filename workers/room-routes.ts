/**
 * `/rooms`: opening a room, and the WebSocket upgrade into one. What can be refused without waking a room is refused here: only rooms
 * whose number the lobby has lent are woken. The upgrade is passed to the room unchanged, because only the room can accept a socket
 * that hibernates.
 */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import {
  type Closing,
  closeCode,
  LOBBY_NAME,
  offeredProtocols,
  type OpenedRoom,
  SUBPROTOCOL,
} from '../protocol/meeting/room.ts'
import { ROOM_MAX_WAIT_SECONDS, ROOM_WAIT_SECONDS } from '../protocol/meeting/room-lifetimes.ts'
import { ROOM_NUMBER } from '../protocol/meeting/room-number.ts'
import type { Env } from './env.ts'
import { json, problem } from './http/openapi-responses.ts'
import { Problem } from './http/problem.ts'
import { limitRate, tooManyRequests } from './http/rate-limit.ts'
import { answerInvalid } from './http/validation.ts'

/** The lobby lends only numbers whose rooms are over, so even a second try is rare. */
const MAX_OPEN_TRIES = 3

/** A refused socket opens no earlier: a number that is not lent must not be known by a quicker answer than a room that is full. */
const REFUSED_AFTER_MS = 200

const TOO_OFTEN = 'too many requests from this address'

const opened = z.strictObject({
  number: z.int().openapi({ example: 7 }),
  token: z.string().openapi({ description: 'Gives the host seat. Not disclosed to anyone else.' }),
  expires_at: z.iso.datetime(),
  relay: z.boolean().openapi({ description: 'Whether this edge has TURN servers to grant.' }),
})

const open = createRoute({
  method: 'post',
  path: '/',
  summary: 'Open a room for two agents',
  request: {
    query: z.strictObject({
      wait_seconds: z.coerce
        .number()
        .int()
        .min(1)
        .max(ROOM_MAX_WAIT_SECONDS)
        .optional()
        .openapi({
          description: `How long the room waits for its guest; ${ROOM_WAIT_SECONDS} when it is absent. This edge may shorten it: \`expires_at\` tells.`,
        }),
    }),
  },
  responses: {
    201: json(opened, 'The room waits for its host and a guest.'),
    403: problem('Pages of this origin may not open rooms.'),
    422: problem('The time to wait is not one that a room can wait.'),
    429: problem('This address has opened, or holds open, too many rooms.'),
    503: problem('No room number is free, or too many rooms are open.'),
  },
})

const enter = createRoute({
  method: 'get',
  path: '/{number}',
  summary: 'Enter a room (WebSocket, PROTOCOL.md section 1)',
  request: {
    params: z.strictObject({
      number: z
        .string()
        .regex(ROOM_NUMBER, 'a whole number, 1 to 999999')
        .meta({ description: 'As `POST /rooms` gave it.' }),
    }),
  },
  responses: {
    101: { description: 'The socket. Where the room has no seat for the client, it is closed with 4000.' },
    403: problem('Pages of this origin may not enter rooms.'),
    422: problem('The number is not a room number, or the subprotocol is not offered.'),
    426: problem('Not a WebSocket upgrade.'),
    429: problem('This address has entered too many rooms.'),
  },
})

export const rooms = new OpenAPIHono<{ Bindings: Env }>({ defaultHook: answerInvalid })

rooms.openapi(open, async (c) => {
  const origin = allowedOrigin(c)
  const address = await limitRate(c.req, c.env.ROOM_CREATE_LIMIT, TOO_OFTEN)
  const room = await openRoom(c.env, address, c.req.valid('query').wait_seconds)
  // Cloudflare adds this header; the local runtime does not. Clients tell by it how far away `expires_at` is.
  const date = new Date().toUTCString()
  return c.json(
    room,
    201,
    origin === undefined ? { date } : { date, 'access-control-allow-origin': origin, vary: 'origin' },
  )
})

rooms.openapi(enter, async (c) => {
  if (c.req.header('upgrade')?.toLowerCase() !== 'websocket') {
    throw new Problem('upgrade_required', { headers: { upgrade: 'websocket', connection: 'upgrade' } })
  }
  if (!offeredProtocols(c.req.header('sec-websocket-protocol') ?? null).includes(SUBPROTOCOL)) {
    throw new Problem('bad_parameter', {
      faults: [{ header: 'sec-websocket-protocol', detail: `must offer ${SUBPROTOCOL}` }],
    })
  }
  allowedOrigin(c)
  await limitRate(c.req, c.env.ROOM_JOIN_LIMIT, TOO_OFTEN)
  const notBefore = Date.now() + REFUSED_AFTER_MS
  const answer = await enterRoom(c.env, c.req.valid('param').number, c.req.raw)
  if (answer?.status === 101) return answer
  await scheduler.wait(Math.max(0, notBefore - Date.now()))
  return closedSocket('no_such_room')
})

/** The room's answer; `undefined` when no such room is open. An object that was never opened would leave a database behind. */
async function enterRoom(env: Env, number: string, request: Request): Promise<Response | undefined> {
  if (!(await env.LOBBY.getByName(LOBBY_NAME).isLent(Number(number)))) return undefined
  return env.ROOMS.getByName(number).fetch(request)
}

/** A socket that is closed as soon as it opens: clients can read its close code, but not the body of a refused upgrade. */
function closedSocket(closing: Closing): Response {
  const { 0: client, 1: socket } = new WebSocketPair()
  socket.accept()
  socket.close(closeCode(closing), closing)
  return new Response(null, {
    status: 101,
    webSocket: client,
    headers: { 'sec-websocket-protocol': SUBPROTOCOL },
  })
}

/** The origin of a page that the operator allows, `undefined` for a client without one. Throws `origin_refused`. */
function allowedOrigin(c: Context<{ Bindings: Env }>): string | undefined {
  const origin = c.req.header('origin')
  const allowed = (c.env.ALLOWED_ORIGINS ?? '').split(',').map((listed) => listed.trim())
  if (origin === undefined || allowed.includes(origin)) return origin
  throw new Problem('origin_refused')
}

async function openRoom(
  env: Env,
  address: string | undefined,
  waitSeconds: number | undefined,
): Promise<OpenedRoom & { readonly relay: boolean }> {
  const lobby = env.LOBBY.getByName(LOBBY_NAME)
  for (let tries = 0; tries < MAX_OPEN_TRIES; tries++) {
    const lease = await lobby.lease(address, waitSeconds)
    if ('refused' in lease)
      throw lease.refused === 'full'
        ? new Problem('unavailable')
        : tooManyRequests('this address holds too many open rooms')
    const room = await env.ROOMS.getByName(String(lease.number)).open(lease.number, waitSeconds)
    if (room === undefined) continue
    const { token, expiresAtMs, relay } = room
    return { number: lease.number, token, expires_at: new Date(expiresAtMs).toISOString(), relay }
  }
  throw new Problem('unavailable')
}
