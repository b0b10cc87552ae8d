/** The addresses under which an edge is reached. */
import { type AddressInfo, isIPv4 } from 'node:net'
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { endpointText, isLoopbackAddress, plainAddress } from '../access/addresses.ts'

/** `local`: for programs on this machine. `others`: for other machines; none when the edge listens on the loopback. */
export type ReachableAt = { readonly local: URL; readonly others: readonly string[] }

type Interfaces = readonly Pick<NetworkInterfaceInfo, 'address' | 'internal'>[]

export function reachableAt({ address, port }: AddressInfo, interfaces = ownInterfaces()): ReachableAt {
  const isEvery = address === '0.0.0.0' || address === '::'
  const host = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address
  const local = new URL(`http://${endpointText({ host: plainAddress(host) ?? host, port })}/`)
  if (!isEvery) return { local, others: isLoopbackAddress(plainAddress(address) ?? '') ? [] : [local.origin] }
  const others = interfaces
    .filter((one) => !one.internal && !isLinkLocal(one.address))
    .filter((one) => address === '::' || isIPv4(one.address))
    .map((one) => `http://${endpointText({ host: one.address, port })}`)
  return { local, others: [...new Set(others)] }
}

/** Such an address needs the name of an interface as well (RFC 4007), which no URL takes. */
function isLinkLocal(address: string): boolean {
  return /^(?:fe[89ab][0-9a-f]:|169\.254\.)/i.test(address)
}

/** Where the system does not tell, others must be told by whoever knows. */
function ownInterfaces(): Interfaces {
  try {
    return Object.values(networkInterfaces()).flatMap((infos) => infos ?? [])
  } catch {
    return []
  }
}
