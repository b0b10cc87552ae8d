/** How large a datagram may be before this host fragments it, which no probe would notice. */
import { isIPv6 } from 'node:net'
import { scopeOf } from '../ice/address-scope.ts'
import { interfaceAddresses, interfaceMtu } from './interface-table.ts'
import { addressTowards } from './route-address.ts'

const ETHERNET_MTU_BYTES = 1_500
const MIN_MTU_BYTES = 1_280
const UDP_HEADER_BYTES = 8

/** Largest UDP payload over IPv4. */
export const MAX_DATAGRAM_BYTES = 65_507

/** Largest UDP payload in bytes that leaves for `host` unfragmented; that of Ethernet where the system does not say. */
export async function largestUnfragmentedDatagram(host: string): Promise<number> {
  const headers = (isIPv6(host) ? 40 : 20) + UDP_HEADER_BYTES
  const name = await interfaceTowards(host)
  const mtu = (name === undefined ? undefined : await interfaceMtu(name)) ?? ETHERNET_MTU_BYTES
  return Math.min(Math.max(mtu, MIN_MTU_BYTES) - headers, MAX_DATAGRAM_BYTES)
}

/** The interface that routing chooses. What goes to an address of this host itself passes the loopback. */
async function interfaceTowards(host: string): Promise<string | undefined> {
  if (nameOf(host)) return loopbackName()
  // Without a route probing will find what is possible.
  const local = await addressTowards(host)
  return local === undefined ? undefined : nameOf(local)
}

function nameOf(address: string): string | undefined {
  return interfaceAddresses().find((known) => known.address === address)?.name
}

function loopbackName(): string | undefined {
  return interfaceAddresses().find(({ address }) => scopeOf(address) === 'loopback')?.name
}
