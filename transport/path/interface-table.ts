/**
 * What the system says about its network interfaces. Linux tells most, by its tables below /proc and /sys; where these are missing,
 * names must do. Some systems refuse to list interfaces at all (Android, containers without netlink): then there are none here.
 */
// oxlint-disable-next-line no-restricted-imports -- reads the kernel's tables, no user's file
import { readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'

export type InterfaceAddress = { readonly name: string; readonly address: string }

/** `bridge`: between machines or containers inside this host. `cable`: everything else, wireless included. */
export type InterfaceKind = 'cable' | 'vpn' | 'bridge'

export type InterfaceTraits = {
  readonly kind: InterfaceKind
  /** Lowest metric of the routes that lead beyond its own network; undefined when there is none, or it is not known. */
  readonly gatewayMetric: number | undefined
}

/** All addresses, in the order of the system; none when it does not tell. */
export function interfaceAddresses(list: typeof networkInterfaces = networkInterfaces): InterfaceAddress[] {
  try {
    return Object.entries(list()).flatMap(([name, infos]) =>
      (infos ?? []).map(({ address }) => ({ name, address })),
    )
  } catch {
    return []
  }
}

/** The MTU of an interface in bytes; undefined where the system does not say. */
export async function interfaceMtu(name: string): Promise<number | undefined> {
  const mtu = Number.parseInt((await readTrait(name, 'mtu')) ?? '', 10)
  return Number.isFinite(mtu) ? mtu : undefined
}

/** Traits of each named interface. */
export async function interfaceTraits(
  names: readonly string[],
): Promise<ReadonlyMap<string, InterfaceTraits>> {
  const [v4, v6] = await Promise.all(['route', 'ipv6_route'].map((table) => readTable(`/proc/net/${table}`)))
  const metrics = gatewayMetrics(v4 ?? '', v6 ?? '')
  const traits = await Promise.all(
    names.map(
      async (name) => [name, { kind: await kindOf(name), gatewayMetric: metrics.get(name) }] as const,
    ),
  )
  return new Map(traits)
}

const VPN_NAME = /^(?:tun|tap|utun|wg|ppp|ipsec|tailscale|zt|nordlynx|vpn)/i
const BRIDGE_NAME =
  /^(?:docker|br-|virbr|lxcbr|lxdbr|incusbr|cni|podman|flannel|cali|veth|vmnet|vboxnet|vethernet|bridge\d)/i

async function kindOf(name: string): Promise<InterfaceKind> {
  const [bridge, tunnel, events] = await Promise.all(
    ['bridge/bridge_id', 'tun_flags', 'uevent'].map((entry) => readTrait(name, entry)),
  )
  if (bridge !== undefined || BRIDGE_NAME.test(name)) return 'bridge'
  if (tunnel !== undefined || events?.includes('DEVTYPE=wireguard') || VPN_NAME.test(name)) return 'vpn'
  return 'cable'
}

/**
 * The lowest metric by interface, from the text of /proc/net/route and /proc/net/ipv6_route (proc(5)), of the routes that have a
 * gateway or lead everywhere.
 */
export function gatewayMetrics(v4: string, v6: string): Map<string, number> {
  const metrics = new Map<string, number>()
  function note(name: string | undefined, metric: number) {
    if (name !== undefined && Number.isFinite(metric))
      metrics.set(name, Math.min(metric, metrics.get(name) ?? Infinity))
  }
  for (const line of v4.split('\n').slice(1)) {
    const [name, , gateway = '', , , , metric = '', mask = ''] = line.trim().split(/\s+/)
    if (/[1-9a-f]/i.test(gateway) || /^0+$/.test(mask)) note(name, Number(metric))
  }
  for (const line of v6.split('\n')) {
    const [, length, , , gateway = '', metric = '', , , , name] = line.trim().split(/\s+/)
    const leadsOut = /[1-9a-f]/i.test(gateway) || length === '00'
    if (leadsOut && name !== 'lo') note(name, Number.parseInt(metric, 16))
  }
  return metrics
}

/** A file of an interface below /sys; undefined where there is none. */
async function readTrait(name: string, entry: string): Promise<string | undefined> {
  return /^[\w.@:-]{1,15}$/.test(name) ? readTable(`/sys/class/net/${name}/${entry}`) : undefined
}

function readTable(file: string): Promise<string | undefined> {
  return readFile(file, 'latin1').catch(() => undefined)
}
