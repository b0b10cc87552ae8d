/** Addresses that werift leaves out although a host has no others: hosts with only a VPN, or without a network. */
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os'

/** Interface name prefixes that werift 0.25.2 never offers. */
const ignoredByWerift = ['ipsec', 'tun', 'utun', 'tap', 'vmnet', 'veth']

function isLinkLocal({ address, family }: NetworkInterfaceInfo) {
  return family === 'IPv4' ? address.startsWith('169.254.') : address.toLowerCase().startsWith('fe80:')
}

/**
 * Host addresses to add to those that werift finds: none when it finds one, otherwise those of the interfaces that it
 * ignores, otherwise loopback, so that two peers on one machine can connect without any network.
 */
export function additionalHostAddresses(
  interfaces: ReturnType<typeof networkInterfaces> = networkInterfaces(),
): string[] {
  const usable = Object.entries(interfaces).flatMap(([name, infos]) =>
    (infos ?? []).filter((info) => !info.internal && !isLinkLocal(info)).map((info) => ({ name, ...info })),
  )
  const tunnels = usable.filter(({ name }) => ignoredByWerift.some((prefix) => name.startsWith(prefix)))
  if (usable.length > tunnels.length) return []
  return tunnels.length > 0 ? tunnels.map(({ address }) => address) : ['127.0.0.1']
}
