/** Addresses as sockets, headers, URLs and people write them: how they are read, which networks hold them, which only mean this machine. */
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'

/** `hostname` as a URL gives it: an IPv6 address is in brackets. */
export function isLoopbackHost(hostname: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname)
}

/** The host of a URL as sockets and look-ups take it. */
export function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '')
}

/** `address` as `plainAddress` gives it (RFC 6890). */
export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || address.startsWith('127.')
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

export type Endpoint = { readonly host: string; readonly port: number }

/** As `host:port` is written in a URL (RFC 3986 section 3.2.2). */
export function endpointText({ host, port }: Endpoint): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`
}

/** An address, or a network in CIDR notation (RFC 4632, RFC 4291 section 2.3). */
export type AddressRange = { readonly address: string; readonly prefix: number }

/** `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`; undefined for anything else. */
export function parseAddressRange(text: string): AddressRange | undefined {
  const [address = '', prefix, ...more] = text.split('/')
  const bits = isIPv4(address) ? 32 : isIPv6(address) ? 128 : 0
  if (bits === 0 || more.length > 0 || (prefix !== undefined && !/^\d{1,3}$/.test(prefix))) return undefined
  const length = prefix === undefined ? bits : Number(prefix)
  return length > bits ? undefined : { address, prefix: length }
}

/** Says of an address whether one of `ranges` has it. */
export function withinRanges(ranges: readonly AddressRange[]): (address: string) => boolean {
  const list = new BlockList()
  for (const { address, prefix } of ranges) list.addSubnet(address, prefix, family(address))
  return (address) => list.check(address, family(address))
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6'
}
