/** Which address this host has towards another. Connecting a UDP socket chooses the route and sends nothing. */
import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'

const ANY_PORT = 9

/** The local address for datagrams to `host`, a name or an address; undefined without a route, or when the name is not resolved within `ms`. */
export async function addressTowards(host: string, ms = 1_000): Promise<string | undefined> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  const late = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => late.resolve(undefined), ms)
  try {
    const connected = new Promise<void>((resolve, reject) => {
      // A callback instead would be called with an error as well.
      socket.once('error', reject).once('connect', resolve)
      socket.connect(ANY_PORT, host)
    })
    return await Promise.race([connected.then(() => socket.address().address), late.promise])
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
    // A socket whose name is still being looked up closes as well.
    socket.close()
  }
}
