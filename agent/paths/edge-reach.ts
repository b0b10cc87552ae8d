/** At which address the edge is reached: an edge on a network of ours may name servers there, one on the internet may not. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Environment } from '../command-line/option-table.ts'
import { withoutBrackets } from '../edge/access/addresses.ts'
import { proxyFor } from '../edge/access/proxy-settings.ts'
import { reachOfAddress, type EdgeReach } from './edge-servers.ts'

/** What Node's HTTP client and WebSocket publish for each connection that they open. */
const CONNECTED = 'undici:client:connected'

/** Least trusted first. */
const ORDER: readonly EdgeReach[] = ['public', 'private', 'this_host']

export type EdgeWatch = {
  /** What is known by now: `public` until a connection of this process to the edge has been seen. */
  reach(): EdgeReach
  /** The edge's own name or address, and those that connections had. */
  hosts(): readonly string[]
  stop(): void
}

/**
 * Watches the connections that are opened to `edge` from now on. A look-up of its name would not do: it may be answered differently
 * each time by whoever owns the name.
 */
export function watchEdge(edge: URL, environment: Environment): EdgeWatch {
  const host = withoutBrackets(edge.hostname)
  // What the user wrote himself is where the edge is, and no other name means this host.
  const literal = host === 'localhost' ? 'this_host' : reachOfAddress(host)
  const seen = new Set<string>()
  function note(message: unknown): void {
    const { connectParams, socket } = message as Connected
    if (connectParams?.hostname !== edge.hostname || !samePort(connectParams.port, edge)) return
    if (typeof socket?.remoteAddress === 'string') seen.add(socket.remoteAddress)
  }
  subscribe(CONNECTED, note)
  return {
    reach() {
      if (literal !== undefined) return literal
      // The address would be the proxy's.
      if (proxyFor(edge, environment) !== undefined || seen.size === 0) return 'public'
      const reaches = [...seen].map((address) => reachOfAddress(address) ?? 'public')
      return ORDER.find((reach) => reaches.includes(reach)) ?? 'public'
    },
    hosts: () => (seen.size > 0 ? [...seen] : [host]),
    stop: () => void unsubscribe(CONNECTED, note),
  }
}

/** As far as it is used here. */
type Connected = {
  readonly connectParams?: { readonly hostname?: unknown; readonly port?: unknown }
  readonly socket?: { readonly remoteAddress?: unknown }
}

function samePort(port: unknown, edge: URL): boolean {
  const usual = edge.protocol === 'https:' ? '443' : '80'
  return (typeof port === 'string' && port !== '' ? port : usual) === (edge.port || usual)
}
