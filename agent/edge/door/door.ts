/**
 * The only way into the embedded edge: an HTTP server in this process, in front of workerd. What workerd itself would believe from
 * anybody (the client's address, the URL) is decided here, and a secret header keeps other programs of this machine from going past.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type AddressRange, isLoopbackAddress, plainAddress } from '../access/addresses.ts'
import { limitConnections, Turns } from './connections.ts'
import { answerProblem, endWithProblem, type DoorProblem } from './door-problems.ts'
import { headersForWorker, hostOf, valuesByName } from './door-headers.ts'
import { createForwarder, type Passage } from './forward.ts'
import { listenFailure } from './listen-failure.ts'
import { keepFromOtherSites, refusedLocally } from './own-names.ts'
import { TOKEN_PROOF_PATH } from '../token-proof.ts'
import { answerTokenProof } from './token-proof-route.ts'
import { type Client, clientOf, type ProxyTrust, trustProxies } from './trusted-proxies.ts'

/** Whoever has not sent its headers, or its whole request, within these holds a connection for nothing. */
const HEADERS_MS = 10_000
const REQUEST_MS = 60_000
/** On a connection on which nothing moves, such as that of a client that reads no answer. Sockets in rooms have no limit of this kind. */
const SILENCE_MS = 120_000
/** Far more than an edge of this kind serves, and two descriptors each stay below the limits of common systems. */
const MAX_CONNECTIONS = 1_000

export type DoorOptions = {
  readonly host: string
  /** 0: a free port. */
  readonly port: number
  /** Whose X-Forwarded-For and X-Forwarded-Proto are believed. */
  readonly proxies: readonly AddressRange[]
  /** Origins of pages that an edge on the loopback answers, besides its own. */
  readonly allowedOrigins: readonly string[]
  /** SHA-256 of each token that may write. */
  readonly tokenHashes: readonly Uint8Array[]
}

export type Door = {
  readonly address: AddressInfo
  /** The Worker refuses requests without this value of `DOOR_HEADER`. */
  readonly secret: string
  /** Until this is called every request is answered with 503. */
  leadTo(worker: URL): void
  close(): Promise<void>
}

/** Begins to listen. @throws VoltdropError `not_possible_here` when that address cannot be listened on. */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const server = createServer({
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
    // Some clients offer HTTP/2 this way with every request. Node before 24.9 does not know this: there only their GETs are answered.
    shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
  })
  server.maxConnections = MAX_CONNECTIONS
  // Their bytes are bounded already. Beyond a number, some versions of Node drop them unseen, the one that a proxy appended among them.
  server.maxHeadersCount = 0
  server.timeout = SILENCE_MS
  try {
    server.listen(options.port, options.host)
    await once(server, 'listening')
  } catch (error) {
    throw listenFailure(error, options)
  }
  server.on('error', () => {
    // A connection could not be accepted, as when too many files are open: the next one may be.
  })
  const address = server.address() as AddressInfo
  const secret = randomBytes(32).toString('hex')
  const trust = trustProxies(options.proxies)
  const open = limitConnections(server, trust)
  const forwarder = createForwarder()
  const state: State = { ...options, trust, secret, worker: undefined, isLocal: isLocal(address) }
  const turns = new Turns()
  function answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const passage = passageOf(incoming, state)
    if (passage === 'token_proof') answerTokenProof(incoming, outgoing, options.tokenHashes)
    else if (typeof passage === 'string') answerProblem(outgoing, passage)
    else forwarder.request(incoming, outgoing, passage)
  }
  function upgrade(incoming: IncomingMessage, socket: Socket, head: Buffer): void {
    const passage = passageOf(incoming, state)
    // With a body, Node from 24.9 on hands out something else than the socket, and older ones what the Worker would take for the body.
    if (incoming.method !== 'GET' || hasBody(incoming)) endWithProblem(socket, 'bad_request')
    else if (typeof passage !== 'string') forwarder.upgrade(incoming, socket, head, passage)
    else endWithProblem(socket, passage === 'token_proof' ? 'not_found' : passage)
  }
  server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    outgoing.on('close', () => turns.end(incoming.socket))
    turns.take(incoming.socket, () => answer(incoming, outgoing))
  })
  server.on('upgrade', (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    turns.take(incoming.socket, () => upgrade(incoming, socket, head))
  })
  return {
    address,
    secret,
    leadTo: (worker) => (state.worker = worker),
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of open) socket.destroy()
      forwarder.close()
      await closed
    },
  }
}

type State = DoorOptions & {
  readonly trust: ProxyTrust
  readonly secret: string
  readonly isLocal: boolean
  worker: URL | undefined
}

/** True when only programs on this machine can reach the address. */
function isLocal({ address }: AddressInfo): boolean {
  return isLoopbackAddress(plainAddress(address) ?? '')
}

/** What is to be done with a request. Nothing of it but its headers and its path has been read. */
function passageOf(incoming: IncomingMessage, state: State): Passage | DoorProblem | 'token_proof' {
  const { socket, url = '' } = incoming
  const headers = valuesByName(incoming)
  const host = hostOf(headers)
  // RFC 9112 section 3.2.2: the absolute form is for proxies.
  if (host === undefined || !url.startsWith('/')) return 'bad_request'
  const client = clientOf(socket.remoteAddress, headers.get('x-forwarded-for')?.join(','), state.trust)
  const isLocalRequest = state.isLocal && !client.proxied
  const refused = isLocalRequest ? refusedLocally(incoming, state.allowedOrigins) : undefined
  if (refused !== undefined) return refused
  if (url.split('?', 1)[0] === TOKEN_PROOF_PATH)
    return mayAskForProof(incoming, client) ? 'token_proof' : 'not_found'
  if (state.worker === undefined) return 'unavailable'
  return {
    worker: state.worker,
    headers: headersForWorker(headers, {
      host,
      secure: client.proxied && incoming.headers['x-forwarded-proto'] === 'https',
      clientAddress: client.address,
      secret: state.secret,
    }),
    change: (answer) => {
      if (isLocalRequest) keepFromOtherSites(answer, incoming.headers.origin)
    },
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
}

/** `import` asks only edges on its own machine, by a name of it. A web page could try guesses of the token by the proof. */
function mayAskForProof(incoming: IncomingMessage, { address, proxied }: Client): boolean {
  return !proxied && isLoopbackAddress(address) && refusedLocally(incoming, []) === undefined
}
