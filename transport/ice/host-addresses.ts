/** Addresses that werift leaves out although they are all a host has: VPN-only hosts and hosts without a network. */
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os'

/** Interface name prefixes that werift 0.25.2 never offers. */
const passedOver = ['ipsec', 'tun', 'utun', 'tap', 'vmnet', 'veth']

function isLinkLocal({ address, family }: NetworkInterfaceInfo) {
  return family === 'IPv4' ? address.startsWith('169.254.') : address.toLowerCase().startsWith('fe80:')
}

/**
 * Host addresses to add to werift's own: none when it finds one by itself, else those of the interfaces it passes
 * over, else loopback, so that two agents on one machine meet without any network.
 */
export function additionalHostAddresses(
  interfaces: ReturnType<typeof networkInterfaces> = networkInterfaces(),
): string[] {
  const usable = Object.entries(interfaces).flatMap(([name, infos]) =>
    (infos ?? []).filter((info) => !info.internal && !isLinkLocal(info)).map((info) => ({ name, ...info })),
  )
  const tunnels = usable.filter(({ name }) => passedOver.some((prefix) => name.startsWith(prefix)))
  if (usable.length > tunnels.length) return []
  return tunnels.length > 0 ? tunnels.map(({ address }) => address) : ['127.0.0.1']
}
