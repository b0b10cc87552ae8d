/** Passes requests on to the Worker and its answers back: streamed in both directions, at the pace of the slower side. */
import { Agent, type ClientRequest, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { pipeline } from 'node:stream'
import { MAX_IMPORT_BYTES } from '../../../protocol/catalogue/import-rows.ts'
import { headersForClient } from './door-headers.ts'
import { answerProblem, endWithProblem, responseHead } from './door-problems.ts'

/** The Worker takes half of it, and refuses a little more in its own words. */
const MAX_PASSED_BYTES = 2 * MAX_IMPORT_BYTES
/** workerd closes a connection that was idle for 5 s; one that it may be closing must not be used again. */
const MAX_IDLE_MS = 3_000
/** A socket that is open for minutes, such as one in a room: how soon a client that has vanished is noticed. */
const KEEP_ALIVE_PROBE_MS = 30_000
/** For what is still to be sent on one half of a socket whose other half has closed. */
const MAX_FAREWELL_MS = 10_000

type Headers = ReturnType<typeof headersForClient>

/** One request on its way: where the Worker listens, and the headers it gets. `change` gets the headers of its answer. */
export type Passage = {
  readonly worker: URL
  readonly headers: Headers
  readonly change: (answer: Headers) => void
}

export type Forwarder = {
  request(incoming: IncomingMessage, outgoing: ServerResponse, passage: Passage): void
  upgrade(incoming: IncomingMessage, socket: Socket, head: Buffer, passage: Passage): void
  close(): void
}

export function createForwarder(): Forwarder {
  const agent = new Agent({ keepAlive: true, timeout: MAX_IDLE_MS })
  function ask({ method = 'GET', url = '/' }: IncomingMessage, { worker, headers }: Passage): ClientRequest {
    return request({ host: worker.hostname, port: worker.port, method, path: url, headers, agent })
  }
  return {
    request: (incoming, outgoing, passage) =>
      passRequest(incoming, outgoing, ask(incoming, passage), passage.change),
    upgrade(incoming, socket, head, passage) {
      const { upgrade = '' } = incoming.headers
      const headers = { ...passage.headers, connection: 'upgrade', upgrade }
      passUpgrade(socket, head, ask(incoming, { ...passage, headers }), passage.change)
    },
    close: () => agent.destroy(),
  }
}

function passRequest(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  asked: ClientRequest,
  change: Passage['change'],
): void {
  asked.on('response', (answer) => {
    const headers = headersForClient(answer)
    change(headers)
    outgoing.writeHead(answer.statusCode ?? 502, answer.statusMessage, headers)
    pipeline(answer, outgoing, () => {
      // Either side may have broken off; both are destroyed then, which is all that there is to do.
    })
  })
  asked.on('error', () => {
    if (!outgoing.headersSent) answerProblem(outgoing, 'unavailable')
    // What is left of the body is read and dropped, so that the client can read the answer.
    incoming.unpipe(asked).resume()
  })
  outgoing.on('close', () => {
    if (!outgoing.writableFinished) asked.destroy()
  })
  let bytes = 0
  incoming.on('data', (piece: Buffer) => {
    bytes += piece.length
    if (bytes <= MAX_PASSED_BYTES || outgoing.headersSent) return
    answerProblem(outgoing, 'body_too_large')
    asked.destroy()
  })
  incoming.pipe(asked)
}

function passUpgrade(socket: Socket, head: Buffer, asked: ClientRequest, change: Passage['change']): void {
  socket.setTimeout(0)
  socket.on('close', () => asked.destroy())
  asked.on('upgrade', (answer, workerSocket: Socket, workerHead) => {
    const headers = { ...headersForClient(answer), connection: 'upgrade', upgrade: answer.headers.upgrade }
    socket.write(responseHead(101, 'Switching Protocols', headers))
    socket.write(workerHead)
    workerSocket.write(head)
    join(socket, workerSocket)
  })
  asked.on('response', (answer) => {
    const headers = headersForClient(answer)
    change(headers)
    const { statusCode = 502, statusMessage = '' } = answer
    socket.write(responseHead(statusCode, statusMessage, { ...headers, connection: 'close' }))
    answer.pipe(socket)
    // A client that does not close its own end is not waited for.
    socket.on('finish', () => socket.destroy())
  })
  asked.on('error', () => {
    if (socket.bytesWritten === 0) endWithProblem(socket, 'unavailable')
    else socket.destroy()
  })
  asked.end()
}

function join(client: Socket, worker: Socket): void {
  worker.setTimeout(0)
  worker.on('error', () => {
    // Its close event follows.
  })
  for (const [from, to] of [[client, worker] as const, [worker, client] as const]) {
    from.setNoDelay(true)
    from.setKeepAlive(true, KEEP_ALIVE_PROBE_MS)
    from.pipe(to)
    // Not at once: what was said last, such as a Close frame, is still being sent. Who does not read it is not waited for.
    from.on('close', () => {
      to.destroySoon()
      to.setTimeout(MAX_FAREWELL_MS, () => to.destroy())
    })
  }
}
