/** A load generator: HTTP/1.1 GETs over connections that stay open, with as little work per response as possible. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { performance } from 'node:perf_hooks'

const headEnd = Buffer.from('\r\n\r\n')
/** The last chunk of a chunked body (RFC 9112 section 7.1), without trailers. */
const lastChunk = Buffer.from('\r\n0\r\n\r\n')

/** One connection, one request at a time. */
class Connection {
  readonly #socket: Socket
  #waiting: PromiseWithResolvers<void> | undefined
  /** The part of the head that has arrived, until it is complete. */
  #head: Buffer = Buffer.alloc(0)
  /** Bytes of the body still to come; undefined until the head is complete; negative for a chunked body. */
  #left: number | undefined
  #tail: Buffer = Buffer.alloc(0)

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (bytes: Buffer) => this.#take(bytes))
    socket.on('error', (error) => this.#waiting?.reject(error))
    socket.on('close', () => this.#waiting?.reject(new Error('the connection was closed')))
  }

  static async open(url: URL): Promise<Connection> {
    const socket = connect(Number(url.port), url.hostname)
    await once(socket, 'connect')
    return new Connection(socket)
  }

  /** Resolves when the whole response has arrived. Rejects unless it is a 200. */
  get(request: Buffer): Promise<void> {
    this.#waiting = Promise.withResolvers<void>()
    this.#socket.write(request)
    return this.#waiting.promise
  }

  close(): void {
    this.#waiting = undefined
    this.#socket.destroy()
  }

  #take(bytes: Buffer): void {
    if (this.#left !== undefined) return this.#takeBody(bytes)
    this.#head = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes])
    const end = this.#head.indexOf(headEnd)
    if (end < 0) return
    const head = this.#head.toString('latin1', 0, end)
    if (!head.startsWith('HTTP/1.1 200 ')) {
      this.#waiting?.reject(new Error(head.slice(0, head.indexOf('\r\n'))))
      return
    }
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
    const body = this.#head.subarray(end + 2) // with the line break that may precede a last chunk
    this.#head = Buffer.alloc(0)
    this.#left = length === undefined ? -1 : Number(length) + 2
    this.#takeBody(body)
  }

  #takeBody(bytes: Buffer): void {
    if (this.#left !== undefined && this.#left >= 0) {
      this.#left -= bytes.length
      if (this.#left === 0) this.#done()
      return
    }
    this.#tail = bytes.length >= lastChunk.length ? bytes : Buffer.concat([this.#tail, bytes])
    if (this.#tail.subarray(-lastChunk.length).equals(lastChunk)) this.#done()
  }

  #done(): void {
    this.#left = undefined
    this.#tail = Buffer.alloc(0)
    this.#waiting?.resolve()
  }
}

/** `fresh`: bypasses every cache, also the edge's own memory of lists. */
function requestFor(url: URL, fresh: boolean): Buffer {
  return Buffer.from(
    `GET ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\naccept-encoding: identity\r\n${fresh ? 'cache-control: no-cache\r\n' : ''}\r\n`,
  )
}

/** Responses per second over `connections` connections, measured for `seconds` after a warm-up of a tenth of that. */
export async function requestsPerSecond(
  url: URL,
  connections: number,
  seconds: number,
  fresh: boolean,
): Promise<number> {
  const request = requestFor(url, fresh)
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(url)))
  const begin = performance.now() + seconds * 100
  const end = begin + seconds * 1000
  let answers = 0
  async function ask(connection: Connection): Promise<void> {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- one request at a time is what a connection does
      await connection.get(request)
      const now = performance.now()
      if (now >= end) return
      if (now >= begin) answers++
    }
  }
  try {
    await Promise.all(open.map(ask))
    return answers / seconds
  } finally {
    for (const connection of open) connection.close()
  }
}

/**
 * How long each fresh response takes in ms, on one connection. The addresses take turns, so that other load on the machine affects them
 * equally.
 * @returns the times of each address, ascending.
 */
export async function answerTimes(urls: readonly URL[], rounds: number): Promise<number[][]> {
  const [first] = urls
  if (first === undefined) return []
  const requests = urls.map((url) => requestFor(url, true))
  const times = urls.map((): number[] => [])
  const connection = await Connection.open(first)
  try {
    for (let round = -Math.ceil(rounds / 10); round < rounds; round++) {
      // The second may pay for the garbage of the first: each address is second as often as first.
      const turns = [...requests.entries()]
      for (const [index, request] of round % 2 === 0 ? turns : turns.toReversed()) {
        const begin = performance.now()
        // oxlint-disable-next-line no-await-in-loop -- in turns
        await connection.get(request)
        if (round >= 0) times[index]?.push(performance.now() - begin)
      }
    }
    return times.map((of) => of.toSorted((a, b) => a - b))
  } finally {
    connection.close()
  }
}

/** The value that `share` (0 to 1) of the ascending `values` do not exceed. */
export function quantile(values: readonly number[], share: number): number {
  return values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN
}

export function median(values: readonly number[]): number {
  return quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  )
}
