/** Who a request comes from: the socket's address, or what a proxy that the operator named says of its own client. */
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'

/** An address, or a network in CIDR notation (RFC 4632, RFC 4291 section 2.3). */
export type ProxyRange = { readonly address: string; readonly prefix: number }

/** `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`; undefined for anything else. */
export function parseProxyRange(text: string): ProxyRange | undefined {
  const [address = '', prefix, ...more] = text.split('/')
  const bits = isIPv4(address) ? 32 : isIPv6(address) ? 128 : 0
  if (bits === 0 || more.length > 0 || (prefix !== undefined && !/^\d{1,3}$/.test(prefix))) return undefined
  const length = prefix === undefined ? bits : Number(prefix)
  return length > bits ? undefined : { address, prefix: length }
}

/** An address as sockets and headers write it, without port, zone (RFC 4007) and IPv4 mapping; undefined for anything else. */
export function plainAddress(text: string): string | undefined {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text
  const address = (/^::ffff:([\d.]+)$/i.exec(bare)?.[1] ?? bare).replace(/%.*$/, '')
  return isIP(address) === 0 ? undefined : address
}

/** What one household or server has: an IPv4 address, or the /64 that a provider gives each customer at least. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address
  const [before = '', after] = address.toLowerCase().split('::')
  const [head, tail] = [before, after ?? ''].map((part) => (part === '' ? [] : part.split(':')))
  const missing = Array<string>(Math.max(0, 8 - (head?.length ?? 0) - (tail?.length ?? 0))).fill('0')
  return `${[...(head ?? []), ...missing, ...(tail ?? [])].slice(0, 4).join(':')}::/64`
}

/** True for an address that only this machine has (RFC 6890). */
export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.')
}

export type ProxyTrust = { readonly isProxy: (address: string) => boolean }

export function trustProxies(ranges: readonly ProxyRange[]): ProxyTrust {
  const trusted = new BlockList()
  for (const { address, prefix } of ranges) trusted.addSubnet(address, prefix, family(address))
  return { isProxy: (address) => trusted.check(address, family(address)) }
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6'
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
  const isKnown = client !== undefined && !isLoopback(client)
  return { address: isKnown ? client : 'unknown', proxied: true }
}
