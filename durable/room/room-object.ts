/**
 * A room: one Durable Object with two seats that relays frames it cannot read (PROTOCOL.md section 1). It hibernates between
 * frames, so its state is in storage and in the sockets' attachments, never in a field.
 */
import { DurableObject } from 'cloudflare:workers'
import {
  ABNORMAL_CLOSE_CODE,
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
import { grantIceServers, hasRelay, type IceGrant, type IceSettings } from '../ice/grant-ice-servers.ts'
import type { Lobby } from '../lobby/lobby-object.ts'
import { type LifetimeSettings, roomLifetimes, type RoomLifetimes } from './lifetime-settings.ts'
import {
  atDeadline,
  chooseSeat,
  countFrame,
  freeGuestSeat,
  markHost,
  markMet,
  markPaired,
  newRoom,
  NOTHING_SENT,
  otherSeat,
  type RoomState,
  routeFrame,
  seatAfterClose,
  seatGuest,
  type Sent,
} from './room-state.ts'
import {
  attach,
  attachmentOf,
  forgetSent,
  isSeated,
  knowsPeer,
  retire,
  sendRoomMessage,
  tellOfPeer,
} from './seat-socket.ts'
import { claimOf, hashToken, newToken, offeredToken, sameBytes } from './seat-token.ts'
import { iceKey, KEPT_PREFIX, keptKey, STATE_KEY } from './storage-keys.ts'

/** The part of the Worker's environment that a room uses. */
interface RoomBindings extends LifetimeSettings, IceSettings {
  readonly LOBBY: DurableObjectNamespace<Lobby>
}

/** What the one who opened a room learns. */
type Opened = { readonly token: string; readonly expiresAtMs: number; readonly relay: boolean }

export class Room extends DurableObject<RoomBindings> {
  constructor(ctx: DurableObjectState, env: RoomBindings) {
    super(ctx, env)
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG))
  }

  /**
   * Opens the room of this number, for `waitSeconds` if its host asked for that; `undefined` when it is open already. Only the hash
   * of the token is kept.
   */
  async open(number: number, waitSeconds?: number): Promise<Opened | undefined> {
    const { token, hash } = await newToken()
    const old = this.#state()
    if (old !== undefined && Date.now() < old.deadlineMs) return undefined
    await this.ctx.storage.deleteAll()
    const state = newRoom(number, hash, roomLifetimes(this.env, waitSeconds), Date.now())
    await this.#save(state)
    return { token, expiresAtMs: state.waitsUntilMs, relay: hasRelay(this.env) }
  }

  /** The upgrade: a socket in a seat, or 404 when there is no seat for this client; the reason is not disclosed. */
  override async fetch(request: Request): Promise<Response> {
    const shown = offeredToken(request.headers)
    const shownHash = shown === undefined ? undefined : await hashToken(shown)
    const fresh = await newToken()
    // No await from here until the seat is taken, so two clients cannot take the same one.
    const state = this.#state()
    if (state === undefined) return new Response(null, { status: 404 })
    const now = Date.now()
    const guestPresent = this.#socketOf('guest') !== undefined
    const seat = chooseSeat(state, claimOf(state, shownHash), guestPresent, now)
    if (seat === undefined) return new Response(null, { status: 404 })
    const { 0: client, 1: socket } = new WebSocketPair()
    if (shown === undefined) {
      this.#forgetGuest(state, 'replaced')
      const seated = seatGuest(state, fresh.hash, this.#lifetimes(), now)
      await this.#takeSeat(seated, seat, socket, fresh.token)
    } else {
      await this.#takeSeat(state, seat, socket)
    }
    const headers = { 'sec-websocket-protocol': SUBPROTOCOL }
    return new Response(null, { status: 101, webSocket: client, headers })
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const attachment = attachmentOf(socket)
    const state = this.#state()
    if (attachment === undefined || attachment.left || state === undefined) return
    const size = typeof message === 'string' ? message.length : message.byteLength
    const sent = countFrame(attachment.sent, size)
    if (typeof sent === 'string') return await this.#dismiss(state, attachment.seat, sent)
    attach(socket, { ...attachment, sent })
    if (typeof message === 'string') await this.#handleText(state, attachment.seat, message)
    else await this.#relay(state, attachment.seat, sent, message)
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    await this.#leave(socket, code !== ABNORMAL_CLOSE_CODE)
    // Without an answer the client would wait for a Close frame and then report a broken connection.
    if (code !== ABNORMAL_CLOSE_CODE) socket.close(closeCode('done'), 'done')
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    await this.#leave(socket, false)
  }

  override async alarm(): Promise<void> {
    const state = this.#state()
    if (state === undefined) return
    const now = Date.now()
    if (now < state.deadlineMs) return await this.ctx.storage.setAlarm(state.deadlineMs)
    if (atDeadline(state, now) === 'free') return await this.#freeGuestSeat(state, 'meeting_timeout')
    await this.#end(state, { host: 'meeting_timeout', guest: 'meeting_timeout' })
  }

  /** Gives `socket` the seat. A socket that is in it already is replaced, and what that one sent still counts. */
  async #takeSeat(state: RoomState, seat: Seat, socket: WebSocket, token?: string): Promise<void> {
    const sent = this.#retireSockets(seat, 'replaced') ?? state.sent[seat]
    this.ctx.acceptWebSocket(socket, [seat])
    attach(socket, { seat, sent, knowsPeer: false, left: false })
    sendRoomMessage(socket, token === undefined ? { type: 'seated', seat } : { type: 'seated', seat, token })
    await this.#save(seat === 'host' ? markHost(state, true, this.#lifetimes(), Date.now()) : state)
    if (this.#socketOf(otherSeat(seat))) this.ctx.waitUntil(this.#announce())
  }

  /** Closes the sockets of a seat. Returns what the last of them had sent, `undefined` when there was none. */
  #retireSockets(seat: Seat, closing: Closing): Sent | undefined {
    let sent: Sent | undefined
    for (const old of this.ctx.getWebSockets(seat)) {
      const attachment = attachmentOf(old)
      if (attachment === undefined || attachment.left) continue
      sent = attachment.sent
      retire(old, closing)
    }
    return sent
  }

  /** Tells both sides that they are paired, each with its own ICE servers, and delivers what was kept for them. */
  async #announce(): Promise<void> {
    const guestHash = this.#state()?.guestHash
    const [host, guest] = await Promise.all([this.#iceServers('host'), this.#iceServers('guest')])
    // While the TURN service answered, a side may have left or been replaced; the one that takes its seat announces again.
    const state = this.#state()
    if (state?.guestHash === undefined || guestHash === undefined || !sameBytes(state.guestHash, guestHash))
      return
    if (!this.#socketOf('host') || !this.#socketOf('guest')) return
    this.#tellPaired('host', host)
    this.#tellPaired('guest', guest)
    await this.#save(markPaired(state, this.#lifetimes(), Date.now()))
  }

  #tellPaired(seat: Seat, grant: IceGrant): void {
    const socket = this.#socketOf(seat)
    if (socket === undefined || knowsPeer(socket)) return
    const kv = this.ctx.storage.kv
    kv.put(iceKey(seat), grant)
    tellOfPeer(socket, { type: 'paired', ice_servers: grant.servers, relay: grant.relay })
    for (const [key, frame] of Array.from(kv.list<ArrayBuffer>({ prefix: `${KEPT_PREFIX}${seat}/` }))) {
      socket.send(frame)
      kv.delete(key)
    }
  }

  /** A side that comes back gets the same credentials, until most of their life is over. */
  async #iceServers(seat: Seat): Promise<IceGrant> {
    const given = this.ctx.storage.kv.get<IceGrant>(iceKey(seat))
    const now = Date.now()
    return given !== undefined && now < given.refreshAtMs ? given : await grantIceServers(this.env, now)
  }

  async #handleText(state: RoomState, seat: Seat, text: string): Promise<void> {
    let message: ClientMessage
    try {
      message = parseClientMessage(text)
    } catch {
      // The parser throws `broken_protocol` only, and the close code says the same.
      return await this.#dismiss(state, seat, 'broken_protocol')
    }
    if (message.type === 'failed') return await this.#onFailed(state, seat)
    const met = markMet(state, seat, this.#lifetimes(), Date.now())
    if (met === undefined) await this.#dismiss(state, seat, 'broken_protocol')
    else await this.#save(met)
  }

  /** The host's report burns the room. A guest's is only its farewell: anybody can be the guest. */
  async #onFailed(state: RoomState, seat: Seat): Promise<void> {
    if (seat === 'guest') return await this.#dismiss(state, seat, 'done', true)
    await this.#end(state, { host: 'done', guest: 'wrong_code' })
  }

  async #relay(state: RoomState, from: Seat, sent: Sent, frame: ArrayBuffer): Promise<void> {
    const to = otherSeat(from)
    const other = this.#socketOf(to)
    const route = routeFrame(state, from, other !== undefined && knowsPeer(other))
    if (route === 'relay') other?.send(frame)
    if (route !== 'keep') return
    // The count is stored with the frame: it is the frame's place in the order, and attachments are lost with their sockets.
    this.ctx.storage.kv.put(keptKey(to, sent.frames), frame)
    await this.#save({ ...state, sent: { ...state.sent, [from]: sent } })
  }

  /** Closes a seat's socket, mostly for a fault of its client: then the seat is treated as after a broken connection. */
  async #dismiss(state: RoomState, seat: Seat, closing: Closing, onPurpose = false): Promise<void> {
    const socket = this.#socketOf(seat)
    if (socket === undefined) return
    const attachment = attachmentOf(socket)
    retire(socket, closing)
    await this.#vacate(state, seat, attachment?.sent ?? NOTHING_SENT, onPurpose)
  }

  async #leave(socket: WebSocket, onPurpose: boolean): Promise<void> {
    const attachment = attachmentOf(socket)
    const state = this.#state()
    if (attachment === undefined || attachment.left || state === undefined) return
    attach(socket, { ...attachment, left: true })
    await this.#vacate(state, attachment.seat, attachment.sent, onPurpose)
  }

  async #vacate(state: RoomState, seat: Seat, sent: Sent, onPurpose: boolean): Promise<void> {
    const other = this.#socketOf(otherSeat(seat))
    if (other && knowsPeer(other)) tellOfPeer(other, { type: 'peer-left' })
    const next = seatAfterClose(state, seat, onPurpose, other !== undefined)
    if (next === 'end') return await this.#end(state, { host: 'no_such_room', guest: 'no_such_room' })
    if (next === 'free') return await this.#freeGuestSeat(state, 'replaced')
    const held = { ...state, sent: { ...state.sent, [seat]: sent } }
    await this.#save(seat === 'host' ? markHost(held, false, this.#lifetimes(), Date.now()) : held)
  }

  /** The seat is free for another guest. `closing` is for a socket that is still in it. */
  async #freeGuestSeat(state: RoomState, closing: Closing): Promise<void> {
    this.#forgetGuest(state, closing)
    await this.#save(freeGuestSeat(state))
  }

  /** Drops a guest that has left, with all that was meant for it or came from it. What a host sent before any guest is kept. */
  #forgetGuest(state: RoomState, closing: Closing): void {
    if (state.guestHash === undefined) return
    this.#retireSockets('guest', closing)
    const kv = this.ctx.storage.kv
    for (const [key] of Array.from(kv.list({ prefix: KEPT_PREFIX }))) kv.delete(key)
    kv.delete(iceKey('guest'))
    const host = this.#socketOf('host')
    if (host === undefined) return
    forgetSent(host)
    if (knowsPeer(host)) tellOfPeer(host, { type: 'peer-left' })
  }

  /** Closes both sockets, deletes everything and returns the number to the lobby. */
  async #end(state: RoomState, closings: Readonly<Record<Seat, Closing>>): Promise<void> {
    for (const seat of ['host', 'guest'] as const) {
      const socket = this.#socketOf(seat)
      if (socket) retire(socket, closings[seat])
    }
    this.ctx.storage.kv.delete(STATE_KEY)
    await this.ctx.storage.deleteAll()
    try {
      await this.env.LOBBY.getByName(LOBBY_NAME).release(state.number)
    } catch {
      // The lobby frees the number itself once the room must have expired.
    }
  }

  #lifetimes(): RoomLifetimes {
    return roomLifetimes(this.env)
  }

  #state(): RoomState | undefined {
    return this.ctx.storage.kv.get<RoomState>(STATE_KEY)
  }

  async #save(state: RoomState): Promise<void> {
    const before = this.#state()
    this.ctx.storage.kv.put(STATE_KEY, state)
    if (before?.deadlineMs !== state.deadlineMs) await this.ctx.storage.setAlarm(state.deadlineMs)
  }

  #socketOf(seat: Seat): WebSocket | undefined {
    return this.ctx.getWebSockets(seat).find(isSeated)
  }
}
