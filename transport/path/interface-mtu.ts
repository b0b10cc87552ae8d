/** How large a datagram may be before this host fragments it, which no probe would notice. */
import { createSocket } from 'node:dgram'
// oxlint-disable-next-line no-restricted-imports -- reads the kernel's interface table, no user's file
import { readFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'

const ETHERNET_MTU_BYTES = 1_500
const MIN_MTU_BYTES = 1_280
const UDP_HEADER_BYTES = 8

/** Largest UDP payload over IPv4. */
export const MAX_DATAGRAM_BYTES = 65_507

/** Largest UDP payload in bytes that leaves for `host` unfragmented; that of Ethernet where the system does not say. */
export async function largestUnfragmentedDatagram(host: string): Promise<number> {
  const headers = (isIPv6(host) ? 40 : 20) + UDP_HEADER_BYTES
  const mtu = await interfaceMtu(await interfaceTowards(host))
  return Math.min(Math.max(mtu, MIN_MTU_BYTES) - headers, MAX_DATAGRAM_BYTES)
}

async function interfaceMtu(name: string | undefined): Promise<number> {
  if (!name || !/^[\w.@:-]{1,15}$/.test(name)) return ETHERNET_MTU_BYTES
  const text = await readFile(`/sys/class/net/${name}/mtu`, 'latin1').catch(() => '')
  const mtu = Number.parseInt(text, 10)
  return Number.isFinite(mtu) ? mtu : ETHERNET_MTU_BYTES
}

/** The interface that routing chooses: connecting a UDP socket sends nothing and sets its local address. */
async function interfaceTowards(host: string): Promise<string | undefined> {
  if (nameOf(host)) return loopbackName()
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.connect(9, host, resolve)
    })
    return nameOf(socket.address().address)
  } catch {
    // No route: probing will find what is possible.
    return undefined
  } finally {
    socket.close()
  }
}

function nameOf(address: string) {
  return Object.entries(networkInterfaces()).find(([, infos]) =>
    infos?.some((info) => info.address === address),
  )?.[0]
}

function loopbackName() {
  return Object.entries(networkInterfaces()).find(([, infos]) => infos?.some((info) => info.internal))?.[0]
}
