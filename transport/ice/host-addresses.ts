/** The addresses of this host that a peer is told, the best first: by which routes they are used, then by the kind of their interface. */
import { isIPv6 } from 'node:net'
import {
  interfaceAddresses,
  interfaceTraits,
  type InterfaceAddress,
  type InterfaceTraits,
} from '../path/interface-table.ts'
import { addressTowards } from '../path/route-address.ts'
import { scopeOf } from './address-scope.ts'

/** With more, a peer checks pairs that cannot work while those wait that can. */
const MAX_HOST_ADDRESSES = 10

/** Addresses of documentation (RFC 5737, RFC 3849), for which only a default route exists. */
const ELSEWHERE = ['203.0.113.1', '2001:db8::1']

/**
 * At most ten addresses: first that towards each of `hosts` (names or addresses), then that of the default routes, then the others.
 * Loopback only when there is nothing else, so that two peers on one machine can connect without any network.
 */
export async function hostAddresses(hosts: readonly string[]): Promise<string[]> {
  const addresses = interfaceAddresses()
  const names = [...new Set(addresses.map(({ name }) => name))]
  const [traits, ...routed] = await Promise.all([
    interfaceTraits(names),
    ...[...hosts, ...ELSEWHERE].map((host) => addressTowards(host)),
  ])
  return rankAddresses({ addresses, traits, routed: routed.filter((address) => address !== undefined) })
}

export type Network = {
  readonly addresses: readonly InterfaceAddress[]
  readonly traits: ReadonlyMap<string, InterfaceTraits>
  /** What connected sockets told, in order of preference. They may know addresses that no list of interfaces has. */
  readonly routed: readonly string[]
}

/** As `hostAddresses`, of what is known. */
export function rankAddresses({ addresses, traits, routed }: Network): string[] {
  const offered = addresses.filter((one) => isOffered(one, addresses))
  const ranked = offered
    .map((one) => ({ address: one.address, worth: worthOf(one, offered, traits.get(one.name)) }))
    .toSorted((a, b) => a.worth.group - b.worth.group || a.worth.metric - b.worth.metric)
    .map(({ address }) => address)
  const best = routed.filter(isTellable)
  const all = [...new Set([...best, ...ranked])]
  return all.length > 0 ? all.slice(0, MAX_HOST_ADDRESSES) : ['127.0.0.1']
}

/** Whether an address can mean this host to a peer. A link-local one of IPv6 cannot without a zone. */
function isTellable(address: string): boolean {
  const scope = scopeOf(address)
  return scope === 'private' || scope === 'public' || (scope === 'link_local' && !isIPv6(address))
}

/**
 * Addresses of the loopback interface count when they are routed to this host, as those of servers often are. A link-local one counts
 * where a cable has no other.
 */
function isOffered(one: InterfaceAddress, addresses: readonly InterfaceAddress[]): boolean {
  if (scopeOf(one.address) === 'link_local' && sameInterface(one, addresses).length > 1) return false
  return isTellable(one.address)
}

/** Lower is better. */
function worthOf(
  one: InterfaceAddress,
  offered: readonly InterfaceAddress[],
  { kind, gatewayMetric }: InterfaceTraits = { kind: 'cable', gatewayMetric: undefined },
): { group: number; metric: number } {
  const metric = gatewayMetric ?? Number.MAX_SAFE_INTEGER
  if (kind === 'bridge' && gatewayMetric === undefined) return { group: 4, metric }
  // Temporary and further addresses of an interface lead nowhere that its first does not.
  if (sameInterface(one, offered)[0]?.address !== one.address) return { group: 3, metric }
  if (gatewayMetric !== undefined) return { group: kind === 'vpn' ? 1 : 0, metric }
  return { group: kind === 'vpn' ? 2 : 1, metric }
}

/** The addresses of the same interface and IP version. */
function sameInterface(one: InterfaceAddress, addresses: readonly InterfaceAddress[]): InterfaceAddress[] {
  return addresses.filter(({ name, address }) => name === one.name && isIPv6(address) === isIPv6(one.address))
}
