/** Takes a seat in a room: the WebSocket to the edge as the RoomSocket that a meeting needs. Nothing secret stands in the address. */
import type { RoomEvent, RoomSocket } from '../../peer/channel.ts'
import { MessageQueue } from '../../peer/message-queue.ts'
import { VoltdropError } from '../../protocol/errors.ts'
import { MAX_FRAME_BYTES, MAX_SIDE_FRAMES, PING, PONG, SUBPROTOCOL } from '../../protocol/meeting/room.ts'
import { refusal } from '../edge/edge-client.ts'

/** An edge that has not accepted the socket after this long is not there. */
const CONNECT_MS = 10_000
/** Proxies drop sockets that are idle for a minute or so. */
const PING_MS = 25_000
/** Without a frame for this long (two pings unanswered) the edge has gone. */
const SILENT_MS = 65_000
/** The room never sends more than one side may send, and a few words of its own. */
const MAX_UNREAD = MAX_SIDE_FRAMES * 2

/** RFC 6455 section 7.1.5: the close code of a connection that broke. */
const BROKEN = 1006
const TOO_BIG = 1009

export type SeatRequest = {
  readonly edge: URL
  readonly room: number
  /** The owner's token makes the host; without it a guest. */
  readonly token?: string | undefined
  readonly signal: AbortSignal
}

/**
 * The room's socket, open. A room that refuses says so by its close code, as an event.
 * @throws VoltdropError `edge_unreachable`, `rate_limited`, `edge_refused`, `cancelled`.
 */
export async function takeSeat(request: SeatRequest): Promise<RoomSocket> {
  const client = await connectToRoom(request)
  if (client !== undefined) return client
  if (request.signal.aborted) throw new VoltdropError('cancelled')
  throw await whyRefused(addressOf(request), request.signal)
}

function addressOf({ edge, room }: SeatRequest): URL {
  return new URL(`rooms/${room}`, edge)
}

/** The room's socket, open; `undefined` when it does not open, for whatever reason. */
export async function connectToRoom(request: SeatRequest): Promise<RoomSocket | undefined> {
  const { token, signal } = request
  const url = addressOf(request)
  const socketUrl = new URL(url)
  socketUrl.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(socketUrl, {
    protocols: [SUBPROTOCOL],
    ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
  })
  socket.binaryType = 'arraybuffer'
  const client = new RoomClient(socket)
  if (await opened(socket, signal)) return client
  client.close()
  return undefined
}

/** True once the socket is open with our subprotocol; false when it closed, failed or took too long. */
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

/** A WebSocket does not tell why it was refused: the same address, asked as a page, does. */
async function whyRefused(url: URL, signal: AbortSignal): Promise<VoltdropError> {
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)]),
    })
    return await refusal(response)
  } catch (error) {
    if (signal.aborted) return new VoltdropError('cancelled', undefined, { cause: error })
    return new VoltdropError('edge_unreachable', url.origin, { cause: error })
  }
}

class RoomClient implements RoomSocket {
  readonly #socket: WebSocket
  readonly #events = new MessageQueue<RoomEvent>()
  readonly #heartbeat: NodeJS.Timeout
  #heardAtMs = performance.now()

  constructor(socket: WebSocket) {
    this.#socket = socket
    this.#heartbeat = setInterval(() => this.#beat(), PING_MS)
    socket.addEventListener('message', (event) => this.#receive(event.data as unknown))
    socket.addEventListener('close', (event) => this.#end(event.code))
    // The close event follows and carries the code.
    socket.addEventListener('error', () => {})
  }

  get events(): AsyncIterable<RoomEvent> {
    return this.#events
  }

  sendControl(text: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(text)
  }

  sendToPeer(message: Uint8Array): void {
    // A copy: the socket reads the bytes later, and the caller may use its buffer again.
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(new Uint8Array(message))
  }

  close(): void {
    this.#socket.close(1000)
    this.#end(1000)
  }

  #receive(data: unknown): void {
    this.#heardAtMs = performance.now()
    if (data === PONG) return
    const length =
      typeof data === 'string' ? data.length : data instanceof ArrayBuffer ? data.byteLength : Infinity
    if (length > MAX_FRAME_BYTES || this.#events.length >= MAX_UNREAD) {
      this.#socket.close()
      this.#end(TOO_BIG)
      return
    }
    if (typeof data === 'string') this.#events.push({ type: 'control', text: data })
    else if (data instanceof ArrayBuffer) this.#events.push({ type: 'peer', message: new Uint8Array(data) })
  }

  #beat(): void {
    if (performance.now() - this.#heardAtMs > SILENT_MS) {
      this.#socket.close()
      this.#end(BROKEN)
      return
    }
    this.sendControl(PING)
  }

  /** The first reason counts. */
  #end(closeCode: number): void {
    clearInterval(this.#heartbeat)
    this.#events.push({ type: 'closed', closeCode })
    this.#events.end()
  }
}
