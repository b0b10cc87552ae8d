/** Takes a seat in a room: a WebSocket to the edge as the RoomSocket that a meeting needs. The address contains no secret. */
import { WebSocket } from 'undici'
import type { RoomEvent, RoomSocket } from '../../peer/channel.ts'
import { AsyncQueue } from '../../peer/async-queue.ts'
import { VoltdropError } from '../../protocol/errors.ts'
import {
  ABNORMAL_CLOSE_CODE,
  closeCode,
  MAX_FRAME_BYTES,
  MAX_SIDE_BYTES,
  MAX_SIDE_FRAMES,
  PING,
  PONG,
  SUBPROTOCOL,
} from '../../protocol/meeting/room.ts'
import { socketToEdge } from '../edge/access/http-client.ts'
import { refusal } from '../edge/edge-answer.ts'
import { ask } from '../edge/edge-client.ts'

/** How a room answers a request that is no upgrade (RFC 9110 section 15.5.22). */
const UPGRADE_REQUIRED = 426
const NO_SOCKET =
  'it answers, but no WebSocket to it opens: a proxy or firewall in between may not let one through'

/** An edge that has not accepted the socket after this long is unreachable. */
const CONNECT_MS = 10_000
/** Proxies close connections that are idle for about a minute. */
const PING_MS = 25_000
/** After this long without a frame (two pings unanswered), the connection is dead. */
const SILENT_MS = 65_000
/** The room sends at most what the other side may send, and a few messages of its own. */
const MAX_UNREAD_EVENTS = MAX_SIDE_FRAMES * 2
/** An edge that reads nothing, and has a sender answer one guest after the other, would otherwise fill the memory. */
const MAX_UNSENT_BYTES = 4 * MAX_SIDE_BYTES

export type SeatRequest = {
  readonly edge: URL
  readonly room: number
  /** With the owner's token the seat is the host's; without a token it is a guest's. */
  readonly token?: string | undefined
  readonly signal: AbortSignal
}

/**
 * The room's open socket. A room that refuses afterwards sends its close code as an event.
 * @throws VoltdropError `edge_unreachable`, `edge_untrusted`, `not_an_edge`, `rate_limited`, `edge_refused`, `cancelled`.
 */
export async function takeSeat(request: SeatRequest): Promise<RoomSocket> {
  const { signal } = request
  const client = await connectToRoom(request)
  if (client !== undefined) return client
  if (signal.aborted) throw new VoltdropError('cancelled')
  const url = addressOf(request)
  // A WebSocket does not tell why an upgrade was refused; a plain request to the same address does.
  const response = await ask(url, { answerMs: CONNECT_MS, signal })
  const failure = await refusal(response, { url, signal })
  // It may have found that certificate authorities of this machine are needed, so the socket is tried once more.
  const second = response.status === UPGRADE_REQUIRED ? await connectToRoom(request) : undefined
  if (second !== undefined) return second
  throw response.status === UPGRADE_REQUIRED ? new VoltdropError('edge_refused', NO_SOCKET) : failure
}

function addressOf({ edge, room }: SeatRequest): URL {
  return new URL(`rooms/${room}`, edge)
}

/** The room's open socket; `undefined` when it does not open, for any reason. */
export async function connectToRoom(request: SeatRequest): Promise<RoomSocket | undefined> {
  const { token, signal } = request
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const socket = socketToEdge(addressOf(request), SUBPROTOCOL, headers)
  socket.binaryType = 'arraybuffer'
  const client = new RoomClient(socket)
  if (await opened(socket, signal)) return client
  client.close()
  return undefined
}

/** True once the socket is open with the subprotocol of this version; false when it closed, failed or took too long. */
function opened(socket: WebSocket, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    function settle(open: boolean) {
      return (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', refused)
        resolve(open && socket.protocol === SUBPROTOCOL)
      }
    }
    const refused = settle(false)
    const timer = setTimeout(refused, CONNECT_MS)
    signal.addEventListener('abort', refused, { once: true })
    socket.addEventListener('open', settle(true), { once: true })
    socket.addEventListener('error', refused, { once: true })
    socket.addEventListener('close', refused, { once: true })
    if (signal.aborted) refused()
  })
}

class RoomClient implements RoomSocket {
  readonly #socket: WebSocket
  readonly #events = new AsyncQueue<RoomEvent>()
  readonly #heartbeat: NodeJS.Timeout
  #heardAtMs = performance.now()

  constructor(socket: WebSocket) {
    this.#socket = socket
    this.#heartbeat = setInterval(() => this.#beat(), PING_MS)
    socket.addEventListener('message', (event) => this.#receive(event.data as unknown))
    socket.addEventListener('close', (event) => this.#end(event.code))
    // A close event follows, and carries the code.
    socket.addEventListener('error', () => {})
  }

  get events(): AsyncIterable<RoomEvent> {
    return this.#events
  }

  sendControl(text: string): void {
    this.#send(text)
  }

  sendToPeer(message: Uint8Array): void {
    // A copy: the socket reads the bytes later, when the caller may already have reused its buffer.
    this.#send(new Uint8Array(message))
  }

  close(): void {
    this.#socket.close(closeCode('done'))
    this.#end(closeCode('done'))
  }

  #send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return
    if (this.#socket.bufferedAmount > MAX_UNSENT_BYTES) this.#refuse()
    else this.#socket.send(data)
  }

  #receive(data: unknown): void {
    this.#heardAtMs = performance.now()
    if (data === PONG) return
    const length =
      typeof data === 'string' ? data.length : data instanceof ArrayBuffer ? data.byteLength : Infinity
    if (length > MAX_FRAME_BYTES || this.#events.length >= MAX_UNREAD_EVENTS) {
      this.#refuse()
      return
    }
    if (typeof data === 'string') this.#events.push({ type: 'control', text: data })
    else if (data instanceof ArrayBuffer) this.#events.push({ type: 'peer', message: new Uint8Array(data) })
  }

  /** The edge keeps to no limit. */
  #refuse(): void {
    this.#socket.close()
    this.#end(closeCode('too_big'))
  }

  #beat(): void {
    if (performance.now() - this.#heardAtMs > SILENT_MS) {
      this.#socket.close()
      this.#end(ABNORMAL_CLOSE_CODE)
      return
    }
    this.sendControl(PING)
  }

  /** Only the first reason counts. */
  #end(closeCode: number): void {
    clearInterval(this.#heartbeat)
    this.#events.push({ type: 'closed', closeCode })
    this.#events.end()
  }
}
