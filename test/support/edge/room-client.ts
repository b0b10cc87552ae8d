/** One agent's socket to a room of a running edge, for tests: all that arrives is read in order. */
import { request } from 'node:http'
import {
  encodeClientMessage,
  type ClientMessage,
  type OpenedRoom,
  parseOpenedRoom,
  parseRoomMessage,
  PING,
  PONG,
  type RoomMessage,
  SUBPROTOCOL,
} from '../../../protocol/meeting/room.ts'

/** Longer than anything here takes, so that a test fails instead of hanging. */
const DEADLINE_MS = 10_000

type Arrival =
  | { readonly room: RoomMessage }
  | { readonly text: string }
  | { readonly bytes: Uint8Array }
  | { readonly closed: number }

type Entrance = {
  readonly token?: string
  readonly protocols?: string[]
  readonly headers?: Record<string, string>
}

export async function openRoom(edgeUrl: string, headers: Record<string, string> = {}): Promise<OpenedRoom> {
  const response = await fetch(`${edgeUrl}/rooms`, { method: 'POST', headers })
  return parseOpenedRoom(await response.text())
}

export class RoomClient {
  readonly #socket: WebSocket
  readonly #arrived: Arrival[] = []
  #pongs = 0
  #wake: (() => void) | undefined

  /** Begins to connect; the first arrival is `seated` or the closing. */
  constructor(
    edgeUrl: string,
    number: number,
    { token, protocols = [SUBPROTOCOL], headers = {} }: Entrance = {},
  ) {
    const authorization: Record<string, string> =
      token === undefined ? {} : { authorization: `Bearer ${token}` }
    const url = `${edgeUrl.replace('http', 'ws')}/rooms/${number}`
    this.#socket = new WebSocket(url, { protocols, headers: { ...authorization, ...headers } })
    this.#socket.binaryType = 'arraybuffer'
    // workerd releases a socket that never sent anything only when its room hibernates, 10 s after the Close frame.
    this.#socket.addEventListener('open', () => this.#socket.send(PING))
    this.#socket.addEventListener('message', (event) => {
      const data = event.data as string | ArrayBuffer
      this.#arrive(typeof data === 'string' ? readText(data) : { bytes: new Uint8Array(data) })
    })
    this.#socket.addEventListener('close', ({ code }) => this.#arrive({ closed: code }))
  }

  async next(): Promise<Arrival> {
    for (;;) {
      const arrival = this.#arrived.shift()
      if (arrival) return arrival
      await this.#arrival()
    }
  }

  /** Reads `seated` and returns its token, if it has one. */
  async seated(): Promise<string | undefined> {
    const arrival = await this.next()
    if ('room' in arrival && arrival.room.type === 'seated') return arrival.room.token
    throw new Error(`not seated: ${JSON.stringify(arrival)}`)
  }

  /** Reads `paired`. */
  async paired(): Promise<RoomMessage & { type: 'paired' }> {
    const arrival = await this.next()
    if ('room' in arrival && arrival.room.type === 'paired') return arrival.room
    throw new Error(`not paired: ${JSON.stringify(arrival)}`)
  }

  /** Resolves when the room has received all that was sent before. */
  async echo(): Promise<void> {
    const before = this.#pongs
    this.#socket.send(PING)
    while (this.#pongs < before + 1) await this.#arrival()
  }

  get protocol(): string {
    return this.#socket.protocol
  }

  say(message: ClientMessage): void {
    this.#socket.send(encodeClientMessage(message))
  }

  send(frame: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(frame)
  }

  /** Sends a Close frame; resolves when the socket has closed. */
  async leave(): Promise<void> {
    this.#socket.close(1000)
    while (!('closed' in (await this.next())));
  }

  #arrive(arrival: Arrival): void {
    if ('text' in arrival && arrival.text === PONG) this.#pongs += 1
    else this.#arrived.push(arrival)
    this.#wake?.()
  }

  #arrival(): Promise<void> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => reject(new Error('nothing arrived')), DEADLINE_MS)
      this.#wake = () => {
        clearTimeout(deadline)
        resolve()
      }
    })
  }
}

/** Takes a seat over a connection that then breaks without a Close frame, as when a process is killed. */
export function seatAndBreak(edgeUrl: string, number: number, token?: string): Promise<() => void> {
  const headers: Record<string, string> = {
    connection: 'upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.alloc(16, 1).toString('base64'),
    'sec-websocket-protocol': SUBPROTOCOL,
  }
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`
  return new Promise((resolve, reject) => {
    request(`${edgeUrl}/rooms/${number}`, { headers })
      .on('upgrade', (_, socket) => resolve(() => socket.destroy()))
      .on('error', reject)
      .end()
  })
}

function readText(text: string): Arrival {
  return text.startsWith('{') ? { room: parseRoomMessage(text) } : { text }
}

/** A room with both sides seated and paired. */
export async function pairUp(edgeUrl: string) {
  const room = await openRoom(edgeUrl)
  const host = new RoomClient(edgeUrl, room.number, { token: room.token })
  await host.seated()
  const guest = new RoomClient(edgeUrl, room.number)
  const guestToken = (await guest.seated()) ?? ''
  await Promise.all([host.paired(), guest.paired()])
  return { ...room, host, guest, guestToken }
}
