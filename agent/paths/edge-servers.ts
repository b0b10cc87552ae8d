/**
 * Which of the STUN and TURN servers that an edge names are asked. An edge is not trusted with this host's networks: it must not have
 * agents send datagrams and open connections to services that it cannot reach itself.
 */
import { lookup } from 'node:dns/promises'
import { isIP, isIPv4 } from 'node:net'
import type { IceServer } from '../../peer/channel.ts'
import { MAX_CONNECTION_ATTEMPTS } from '../../protocol/meeting/signals.ts'
import { scopeOf } from '../../transport/ice/address-scope.ts'
import { inTime } from '../clock.ts'
import { hostOfServer } from '../../transport/ice/chosen-servers.ts'

/** Where the edge itself is: on this host, at a private address, or anywhere else. */
export type EdgeReach = 'this_host' | 'private' | 'public'

/** A meeting goes on without servers whose names take longer to resolve. */
const LOOKUP_MS = 3_000

/** What an address of the edge means; undefined for a name. */
export function reachOfAddress(address: string): EdgeReach | undefined {
  switch (scopeOf(address)) {
    case undefined:
      return undefined
    case 'loopback':
      return 'this_host'
    case 'private':
    case 'link_local':
      return 'private'
    case 'unusable':
      // The unspecified address connects to this host.
      return ['0.0.0.0', '::'].includes(address) ? 'this_host' : 'public'
    case 'public':
      return 'public'
  }
}

export type ScreenedServers = {
  /** One URL each, with an address in place of its name: the one that was judged, so that no later look-up can change it. */
  readonly servers: readonly IceServer[]
  /** Why others are left out: sentences for the user. */
  readonly refusals: readonly string[]
}

type Resolve = (host: string) => Promise<readonly string[]>

/** Screens what an edge that is reached as `reach` names, at most one STUN and one TURN server for each attempt. */
export async function screenEdgeServers(
  named: readonly IceServer[],
  reach: EdgeReach,
  resolve: Resolve = addressesOf,
): Promise<ScreenedServers> {
  const single = named.flatMap((server) => server.urls.map((url) => ({ ...server, url })))
  const few = ['stun:', 'turn'].flatMap((kind) =>
    single.filter(({ url }) => url.startsWith(kind)).slice(0, MAX_CONNECTION_ATTEMPTS),
  )
  const screened = await Promise.all(few.map((server) => screenServer(server, reach, resolve)))
  return {
    servers: screened.filter((one) => typeof one !== 'string'),
    refusals: [...new Set(screened.filter((one) => typeof one === 'string'))],
  }
}

/** The server at its checked address, or why there is none. */
async function screenServer(
  { url, username, credential }: IceServer & { readonly url: string },
  reach: EdgeReach,
  resolve: Resolve,
): Promise<IceServer | string> {
  const host = hostOfServer(url)
  const addresses = isIP(host) ? [host] : await resolve(host)
  const allowed = addresses.filter((address) => mayName(reach, address))
  // STUN is asked over IPv4 only.
  const address = allowed.find(isIPv4) ?? allowed[0]
  if (address !== undefined) {
    const serverName = isIP(host) ? undefined : host
    return { urls: [withHost(url, address)], username, credential, serverName }
  }
  const why = addresses.length === 0 ? 'is not found' : 'is at a local address, and the edge is not'
  return `the STUN or TURN server ${host} that the edge names ${why}: it is not asked`
}

function mayName(reach: EdgeReach, address: string): boolean {
  const scope = scopeOf(address)
  if (scope === 'loopback') return reach === 'this_host'
  return scope === 'public' || (scope === 'private' && reach !== 'public')
}

function withHost(url: string, address: string): string {
  const [, scheme = '', rest = ''] = /^(\w+:)(?:\[[^\]]*\]|[^:?]*)(.*)$/.exec(url) ?? []
  return `${scheme}${isIPv4(address) ? address : `[${address}]`}${rest}`
}

async function addressesOf(host: string): Promise<readonly string[]> {
  const found = lookup(host, { all: true }).then(
    (all) => all.map(({ address }) => address),
    () => [],
  )
  return inTime(found, LOOKUP_MS, () => [])
}
