/**
 * `/rooms`: opening a room, and the upgrade into one. Everything that can be refused without waking a room is refused here;
 * the upgrade itself goes to the room as it came, because only the room can accept a socket that hibernates.
 */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import {
  type Closing,
  closeCode,
  LOBBY_NAME,
  offeredProtocols,
  type OpenedRoom,
  ROOM_NUMBER,
  SUBPROTOCOL,
} from '../protocol/meeting/room.ts'
import { problem } from './catalogue/routes/answer-descriptions.ts'
import { clientKey } from './http/client-address.ts'
import type { Env } from './env.ts'
import { Problem } from './http/problem.ts'
import { answerInvalid } from './http/validation.ts'

/** Seconds a client waits after a coarse limit: its period (wrangler.toml). */
const RETRY_SECONDS = '60'

/** The lobby lends only numbers whose rooms are over, so a second try is already an accident. */
const OPEN_TRIES = 3

const opened = z.strictObject({
  number: z.int().openapi({ example: 7 }),
  token: z.string().openapi({ description: 'Takes the host seat. Never shown to anyone else.' }),
  expires_at: z.iso.datetime(),
})

const open = createRoute({
  method: 'post',
  path: '/',
  summary: 'Open a room for two agents',
  responses: {
    201: {
      description: 'The room waits for its host and a guest.',
      content: { 'application/json': { schema: opened } },
    },
    403: problem('Pages of this origin may not open rooms.'),
    429: problem('Too many rooms, open or opened, from this address.'),
    503: problem('No room is free.'),
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
    101: { description: 'The socket; a room that has no seat for the client closes it with 4000.' },
    403: problem('Pages of this origin may not enter rooms.'),
    422: problem('No room number, or the subprotocol is not offered.'),
    426: problem('Not a WebSocket upgrade.'),
    429: problem('Too many rooms entered from this address.'),
  },
})

export const rooms = new OpenAPIHono<{ Bindings: Env }>({ defaultHook: answerInvalid })

rooms.openapi(open, async (c) => {
  const origin = allowedOrigin(c)
  const address = await fence(c, c.env.ROOM_CREATE_LIMIT)
  const room = await openRoom(c.env, address)
  return c.json(
    room,
    201,
    origin === undefined ? {} : { 'access-control-allow-origin': origin, vary: 'origin' },
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
  await fence(c, c.env.ROOM_JOIN_LIMIT)
  const answer = await c.env.ROOMS.getByName(c.req.valid('param').number).fetch(c.req.raw)
  return answer.status === 101 ? answer : closedSocket('no_such_room')
})

/** A socket that is closed as soon as it is open: clients cannot read the body of a refused upgrade, but a close code. */
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

/** The page's origin when the operator lists it, `undefined` for a client that is no page. Every other page is refused. */
function allowedOrigin(c: Context<{ Bindings: Env }>): string | undefined {
  const origin = c.req.header('origin')
  const allowed = (c.env.ALLOWED_ORIGINS ?? '').split(',').map((listed) => listed.trim())
  if (origin === undefined || allowed.includes(origin)) return origin
  throw new Problem('origin_refused')
}

/** Refuses who comes too often, before any object wakes. @returns the key of the client, for the lobby's own count. */
async function fence(c: Context<{ Bindings: Env }>, limit: RateLimit): Promise<string | undefined> {
  const key = clientKey(c.req.header('cf-connecting-ip'))
  if (key !== undefined && !(await limit.limit({ key })).success) throw tooMany('too often from this address')
  return key
}

function tooMany(detail: string) {
  return new Problem('rate_limited', { detail, headers: { 'retry-after': RETRY_SECONDS } })
}

async function openRoom(env: Env, address: string | undefined): Promise<OpenedRoom> {
  const lobby = env.LOBBY.getByName(LOBBY_NAME)
  for (let tries = 0; tries < OPEN_TRIES; tries++) {
    const lease = await lobby.lease(address)
    if ('refused' in lease)
      throw lease.refused === 'full'
        ? new Problem('unavailable')
        : tooMany('this address holds too many open rooms')
    const room = await env.ROOMS.getByName(String(lease.number)).open(lease.number)
    if (room === undefined) continue
    return { number: lease.number, token: room.token, expires_at: new Date(room.expiresAtMs).toISOString() }
  }
  throw new Problem('unavailable')
}
