/** Who a request comes from: the socket's address, or what a proxy that the operator named says of its own client. */
import { isIP } from 'node:net'
import { type AddressRange, isLoopbackAddress, plainAddress, withinRanges } from '../access/addresses.ts'

export type ProxyTrust = { readonly isProxy: (address: string) => boolean }

export function trustProxies(ranges: readonly AddressRange[]): ProxyTrust {
  return { isProxy: withinRanges(ranges) }
}

/** `proxied`: a trusted proxy passed the request on. `address`: `unknown` when that proxy does not say for whom. */
export type Client = { readonly address: string; readonly proxied: boolean }

/**
 * The client of a request. Each proxy appends to X-Forwarded-For whom it serves, so the list is believed from its right end, for as
 * long as it names trusted proxies: whatever is left of the first other address was written by that client. A loopback address says
 * nothing there, because the edge does not limit clients of its own machine.
 */
export function clientOf(
  socketAddress: string | undefined,
  forwardedFor: string | undefined,
  { isProxy }: ProxyTrust,
): Client {
  const address = plainAddress(socketAddress ?? '') ?? 'unknown'
  if (isIP(address) === 0 || !isProxy(address)) return { address, proxied: false }
  const hops = (forwardedFor ?? '').split(',').map((hop) => plainAddress(hop.trim()))
  const client = hops.findLast((hop) => hop === undefined || !isProxy(hop))
  const isKnown = client !== undefined && !isLoopbackAddress(client)
  return { address: isKnown ? client : 'unknown', proxied: true }
}
