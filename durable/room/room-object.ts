/**
 * A room: one Durable Object with two seats that relays what it cannot read (PROTOCOL.md section 1). It hibernates between
 * frames: what it knows stands in storage and in the sockets' attachments, never in a field.
 */
import { DurableObject } from 'cloudflare:workers'
import {
  type ClientMessage,
  type Closing,
  closeCode,
  LOBBY_NAME,
  parseClientMessage,
  PING,
  PONG,
  type Seat,
  SUBPROTOCOL,
} from '../../protocol/meeting/room.ts'
import type { Lobby } from '../lobby/lobby-object.ts'
import { roomLifetimes, type RoomSettings } from './room-settings.ts'
import { grantIceServers, type IceGrant } from '../ice/grant-ice-servers.ts'
import * as rules from './room-state.ts'
import { attach, attachmentOf, isSeated, isTold, retire, say, tell } from './seat-socket.ts'
import { hashToken, newToken, offeredToken } from './seat-token.ts'

/** Storage keys: the state, kept frames by receiving seat and number, and the ICE servers given to a seat. */
const STATE = 'state'
function keptKey(to: Seat, frame: number) {
  return `kept/${to}/${String(frame).padStart(4, '0')}`
}
function iceKey(seat: Seat) {
  return `ice/${seat}`
}

/** The connection broke: there was no Close frame (RFC 6455 section 7.4.1). */
const ABNORMAL = 1006

function otherSeat(seat: Seat): Seat {
  return seat === 'host' ? 'guest' : 'host'
}

/** The part of the Worker's environment that a room uses. */
interface RoomBindings extends RoomSettings {
  readonly LOBBY: DurableObjectNamespace<Lobby>
}

export class Room extends DurableObject<RoomBindings> {
  constructor(ctx: DurableObjectState, env: RoomBindings) {
    super(ctx, env)
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG))
  }

  /** Begins a room under its number; `undefined` when one is still alive there. The token is known to the caller alone. */
  async open(number: number): Promise<{ token: string; expiresAtMs: number } | undefined> {
    const { token, hash } = await newToken()
    const old = this.#state()
    if (old !== undefined && Date.now() < old.deadlineMs) return undefined
    await this.ctx.storage.deleteAll()
    const state = rules.openRoom(number, hash, this.#lifetimes(), Date.now())
    await this.#save(state)
    return { token, expiresAtMs: state.deadlineMs }
  }

  /** The upgrade: a socket in a seat, or 404 when there is none for this client; why is nobody's business. */
  override async fetch(request: Request): Promise<Response> {
    const shown = offeredToken(request.headers)
    const shownHash = shown === undefined ? undefined : await hashToken(shown)
    const fresh = await newToken()
    // Until the seat is taken nothing waits, so two newcomers cannot take the same one.
    const state = this.#state()
    if (state === undefined) return new Response(null, { status: 404 })
    const now = Date.now()
    const seat = rules.chooseSeat(
      state,
      claimOf(state, shownHash),
      this.#socketOf('guest') !== undefined,
      now,
    )
    if (seat === undefined) return new Response(null, { status: 404 })
    const { 0: client, 1: socket } = new WebSocketPair()
    if (shown === undefined) {
      this.#forgetGuest(state)
      await this.#sit(rules.seatGuest(state, fresh.hash, this.#lifetimes(), now), seat, socket, fresh.token)
    } else {
      await this.#sit(state, seat, socket)
    }
    const headers = { 'sec-websocket-protocol': SUBPROTOCOL }
    return new Response(null, { status: 101, webSocket: client, headers })
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const attachment = attachmentOf(socket)
    const state = this.#state()
    if (attachment === undefined || attachment.left || state === undefined) return
    const budget = rules.spend(
      attachment.budget,
      typeof message === 'string' ? message.length : message.byteLength,
    )
    if (typeof budget === 'string') return await this.#dismiss(state, attachment.seat, budget)
    attach(socket, { ...attachment, budget })
    if (typeof message === 'string') await this.#obey(state, attachment.seat, message)
    else await this.#relay(state, attachment.seat, budget, message)
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    await this.#leave(socket, code !== ABNORMAL)
    // Unanswered, the client would wait for our Close frame and report a broken connection.
    if (code !== ABNORMAL) socket.close(closeCode('done'), 'done')
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    await this.#leave(socket, false)
  }

  override async alarm(): Promise<void> {
    const state = this.#state()
    if (state === undefined) return
    if (Date.now() < state.deadlineMs) await this.ctx.storage.setAlarm(state.deadlineMs)
    else await this.#end(state, { host: 'meeting_timeout', guest: 'meeting_timeout' })
  }

  /** Gives `socket` the seat. One that is in it already is replaced, and what it sent counts on. */
  async #sit(state: rules.RoomState, seat: Seat, socket: WebSocket, token?: string): Promise<void> {
    const budget = this.#replace(seat) ?? state.spent[seat]
    this.ctx.acceptWebSocket(socket, [seat])
    attach(socket, { seat, budget, told: false, left: false })
    say(socket, token === undefined ? { type: 'seated', seat } : { type: 'seated', seat, token })
    await this.#save(state)
    if (this.#socketOf(otherSeat(seat))) this.ctx.waitUntil(this.#announce())
  }

  /** Retires the sockets of a seat, also one that is still closing; what the last of them had sent. */
  #replace(seat: Seat): rules.Budget | undefined {
    let budget: rules.Budget | undefined
    for (const old of this.ctx.getWebSockets(seat)) {
      const attachment = attachmentOf(old)
      if (attachment === undefined || attachment.left) continue
      budget = attachment.budget
      retire(old, 'replaced')
    }
    return budget
  }

  /** Tells both sides that they are two, each with its own ICE servers, and delivers what was kept for them. */
  async #announce(): Promise<void> {
    const guestHash = this.#state()?.guestHash
    const [host, guest] = await Promise.all([this.#iceServers('host'), this.#iceServers('guest')])
    // While the TURN service was asked, either side may have gone or been replaced: whoever came then announces again.
    const state = this.#state()
    if (state?.guestHash === undefined || guestHash === undefined || !sameBytes(state.guestHash, guestHash))
      return
    if (!this.#socketOf('host') || !this.#socketOf('guest')) return
    this.#tellPaired('host', host)
    this.#tellPaired('guest', guest)
    await this.#save(rules.pair(state, this.#lifetimes(), Date.now()))
  }

  #tellPaired(seat: Seat, grant: IceGrant): void {
    const socket = this.#socketOf(seat)
    if (socket === undefined || isTold(socket)) return
    const kv = this.ctx.storage.kv
    kv.put(iceKey(seat), grant)
    tell(socket, true, { type: 'paired', ice_servers: grant.servers, relay: grant.relay })
    for (const [key, frame] of Array.from(kv.list<ArrayBuffer>({ prefix: `kept/${seat}/` }))) {
      socket.send(frame)
      kv.delete(key)
    }
  }

  /** One set of credentials for a seat until it has lived most of its life: coming back costs no other. */
  async #iceServers(seat: Seat): Promise<IceGrant> {
    const given = this.ctx.storage.kv.get<IceGrant>(iceKey(seat))
    const now = Date.now()
    return given !== undefined && now < given.refreshAtMs ? given : await grantIceServers(this.env, now)
  }

  /** Carries out an agent's text frame. */
  async #obey(state: rules.RoomState, seat: Seat, text: string): Promise<void> {
    let message: ClientMessage
    try {
      message = parseClientMessage(text)
    } catch {
      // The parser throws one thing only: it is no frame of ours, and the close code says so.
      return await this.#dismiss(state, seat, 'broken_protocol')
    }
    if (message.type === 'failed') {
      const closing: Record<Seat, Closing> = { host: 'wrong_code', guest: 'wrong_code' }
      return await this.#end(state, { ...closing, [seat]: 'done' })
    }
    const met = rules.meet(state, this.#lifetimes(), Date.now())
    if (met === undefined) await this.#dismiss(state, seat, 'broken_protocol')
    else await this.#save(met)
  }

  async #relay(state: rules.RoomState, from: Seat, spent: rules.Budget, frame: ArrayBuffer): Promise<void> {
    const to = otherSeat(from)
    const other = this.#socketOf(to)
    const way = rules.route(state, from, other !== undefined && isTold(other))
    if (way === 'relay') other?.send(frame)
    if (way !== 'keep') return
    // The count is stored with the frame, because it is the frame's place in the order and sockets may be reset.
    this.ctx.storage.kv.put(keptKey(to, spent.frames), frame)
    await this.#save({ ...state, spent: { ...state.spent, [from]: spent } })
  }

  /** Closes a seat's socket because of what it did. Its seat is treated as after a broken connection. */
  async #dismiss(state: rules.RoomState, seat: Seat, closing: Closing): Promise<void> {
    const socket = this.#socketOf(seat)
    if (socket === undefined) return
    const attachment = attachmentOf(socket)
    retire(socket, closing)
    await this.#vacate(state, seat, attachment?.budget ?? rules.UNSPENT, false)
  }

  async #leave(socket: WebSocket, onPurpose: boolean): Promise<void> {
    const attachment = attachmentOf(socket)
    const state = this.#state()
    if (attachment === undefined || attachment.left || state === undefined) return
    attach(socket, { ...attachment, left: true })
    await this.#vacate(state, attachment.seat, attachment.budget, onPurpose)
  }

  async #vacate(state: rules.RoomState, seat: Seat, spent: rules.Budget, onPurpose: boolean): Promise<void> {
    const other = this.#socketOf(otherSeat(seat))
    if (other && isTold(other)) tell(other, false, { type: 'peer-left' })
    const next = rules.departure(state, seat, onPurpose, other !== undefined)
    if (next === 'end') return await this.#end(state, { host: 'no_such_room', guest: 'no_such_room' })
    if (next === 'hold') return await this.#save({ ...state, spent: { ...state.spent, [seat]: spent } })
    this.#forgetGuest(state)
    await this.#save(rules.freeGuest(state))
  }

  /** Drops a guest that is gone, with all that was meant for it or came from it. What a host sent before any guest stays. */
  #forgetGuest(state: rules.RoomState): void {
    if (state.guestHash === undefined) return
    this.#replace('guest')
    const kv = this.ctx.storage.kv
    for (const [key] of Array.from(kv.list({ prefix: 'kept/' }))) kv.delete(key)
    kv.delete(iceKey('guest'))
    const host = this.#socketOf('host')
    if (host && isTold(host)) tell(host, false, { type: 'peer-left' })
  }

  /** Closes whoever is here, leaves nothing behind and gives the number back. */
  async #end(state: rules.RoomState, closings: Readonly<Record<Seat, Closing>>): Promise<void> {
    for (const seat of ['host', 'guest'] as const) {
      const socket = this.#socketOf(seat)
      if (socket) retire(socket, closings[seat])
    }
    this.ctx.storage.kv.delete(STATE)
    await this.ctx.storage.deleteAll()
    try {
      await this.env.LOBBY.getByName(LOBBY_NAME).release(state.number)
    } catch {
      // The lobby takes the number back by itself when no room of that age can be alive.
    }
  }

  #lifetimes(): rules.Lifetimes {
    return roomLifetimes(this.env)
  }

  #state(): rules.RoomState | undefined {
    return this.ctx.storage.kv.get<rules.RoomState>(STATE)
  }

  async #save(state: rules.RoomState): Promise<void> {
    const before = this.#state()
    this.ctx.storage.kv.put(STATE, state)
    if (before?.deadlineMs !== state.deadlineMs) await this.ctx.storage.setAlarm(state.deadlineMs)
  }

  /** The socket that is in the seat now. */
  #socketOf(seat: Seat): WebSocket | undefined {
    return this.ctx.getWebSockets(seat).find(isSeated)
  }
}

function claimOf(state: rules.RoomState, shownHash: Uint8Array | undefined): rules.Claim {
  if (shownHash === undefined) return 'none'
  if (sameBytes(shownHash, state.hostHash)) return 'host'
  return state.guestHash !== undefined && sameBytes(shownHash, state.guestHash) ? 'guest' : 'wrong'
}

/** Compares two SHA-256 values in constant time. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return crypto.subtle.timingSafeEqual(a, b)
}
