/** What one client may have open at the door: connections, and on each of them one request after the other. */
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { isLoopbackAddress, networkOf, plainAddress } from '../access/addresses.ts'
import type { ProxyTrust } from './trusted-proxies.ts'

/** Of one network that is neither this machine nor a proxy. */
const MAX_CONNECTIONS_OF_NETWORK = 100
/** Hardly any client sends a request before the last one was answered (RFC 9112 section 9.3.2); none sends as many. */
const MAX_WAITING_REQUESTS = 16

/** Closes what is more than one network may have open; returns every open socket. */
export function limitConnections(server: Server, { isProxy }: ProxyTrust): ReadonlySet<Socket> {
  const open = new Set<Socket>()
  const counts = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress ?? '')
    if (address === undefined) return socket.destroy()
    // Its close event follows. Node takes its own listener off a socket that upgrades, and a reset would then end the edge.
    socket.on('error', () => {})
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    if (isLoopbackAddress(address) || isProxy(address)) return undefined
    const network = networkOf(address)
    const count = (counts.get(network) ?? 0) + 1
    counts.set(network, count)
    socket.on('close', () => {
      const left = (counts.get(network) ?? 1) - 1
      if (left === 0) counts.delete(network)
      else counts.set(network, left)
    })
    return count > MAX_CONNECTIONS_OF_NETWORK ? socket.destroy() : undefined
  })
  return open
}

/**
 * Requests of one connection, one after the other: Node begins all that have arrived at once, and each would take a connection to the
 * Worker, thousands for the price of one.
 */
export class Turns {
  /** Those that wait behind the one that is being answered. */
  readonly #waiting = new WeakMap<Socket, (() => void)[]>()

  /** Begins a request now, or after those before it. `end` is to be called when it has been answered. */
  take(socket: Socket, begin: () => void): void {
    const waiting = this.#waiting.get(socket)
    if (waiting === undefined) {
      this.#waiting.set(socket, [])
      begin()
    } else if (waiting.length < MAX_WAITING_REQUESTS) waiting.push(begin)
    else socket.destroy()
  }

  end(socket: Socket): void {
    const next = socket.destroyed ? undefined : this.#waiting.get(socket)?.shift()
    if (next === undefined) this.#waiting.delete(socket)
    else next()
  }
}
