/** Where a datagram to an address would go, by the special-purpose registries of IANA (RFC 6890). */
import { BlockList, isIPv4, isIPv6 } from 'node:net'

/**
 * - `unusable`: unspecified, multicast, broadcast or reserved: no single host has it.
 * - `private`: of a network that the internet does not reach: RFC 1918, RFC 4193, shared (RFC 6598), and IPv6 that hides an IPv4 address.
 */
export type AddressScope = 'loopback' | 'link_local' | 'private' | 'public' | 'unusable'

type Ranges = { readonly v4: readonly string[]; readonly v6: readonly string[] }

/** Looked up in this order: `::1` is loopback although `::/96` would be read as IPv4. */
const ranges: readonly (readonly [AddressScope, Ranges])[] = [
  ['loopback', { v4: ['127.0.0.0/8'], v6: ['::1/128'] }],
  ['unusable', { v4: ['0.0.0.0/8', '224.0.0.0/3'], v6: ['::/128', 'ff00::/8', '100::/64'] }],
  ['link_local', { v4: ['169.254.0.0/16'], v6: ['fe80::/10'] }],
  [
    'private',
    {
      v4: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '192.0.0.0/24', '198.18.0.0/15'],
      // Unique local, site-local, local NAT64 (RFC 8215), Teredo and 6to4.
      v6: ['fc00::/7', 'fec0::/10', '64:ff9b:1::/48', '2001::/32', '2002::/16'],
    },
  ],
]

/** IPv6 that carries an IPv4 address in its last 32 bits: compatible, mapped, translated (RFC 6052). */
const EMBEDDING = ['::', '::ffff:', '::ffff:0:', '64:ff9b::']

const lists = ranges.map(([scope, { v4, v6 }]) => {
  const list = new BlockList()
  for (const range of v4) {
    const [network = '', bits] = range.split('/')
    list.addSubnet(network, Number(bits), 'ipv4')
    for (const prefix of EMBEDDING) list.addSubnet(`${prefix}${network}`, 96 + Number(bits), 'ipv6')
  }
  for (const range of v6) {
    const [network = '', bits] = range.split('/')
    list.addSubnet(network, Number(bits), 'ipv6')
  }
  return { scope, list }
})

/** The scope of an IPv4 or IPv6 literal, with or without a zone; undefined for anything else, such as a name. */
export function scopeOf(address: string): AddressScope | undefined {
  const [literal = ''] = address.split('%')
  const family = isIPv4(literal) ? 'ipv4' : isIPv6(literal) ? 'ipv6' : undefined
  if (!family) return undefined
  return lists.find(({ list }) => list.check(literal, family))?.scope ?? 'public'
}
