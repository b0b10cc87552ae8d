/**
 * Whom an edge on the loopback answers: programs on this machine, and pages that it served itself. A page of any site can make a
 * browser on this machine send requests here, directly or under a name of its own that it has pointed to 127.0.0.1 (DNS rebinding).
 */
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { isLoopbackHost } from '../access/addresses.ts'
import type { DoorProblem } from './door-problems.ts'

/** What is wrong with a request to an edge on the loopback; undefined: nothing. `allowed`: origins that the operator named. */
export function refusedLocally(
  incoming: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  allowed: readonly string[],
): DoorProblem | undefined {
  const { headers } = incoming
  const { host = '', origin } = headers
  if (!isLocalName(host)) return isAgentAtRooms(incoming) ? undefined : 'wrong_host'
  if (origin !== undefined)
    return isOwn(origin, host) || allowed.includes(origin) ? undefined : 'origin_refused'
  // Without an Origin: an image, a script or a frame of another site. Following a link is allowed.
  const site = headers['sec-fetch-site'] ?? 'none'
  const isForeign = site !== 'none' && site !== 'same-origin'
  return isForeign && headers['sec-fetch-mode'] !== 'navigate' ? 'origin_refused' : undefined
}

/** True for a name that no one can point elsewhere. The port may be another one, that of a tunnel to this machine. */
function isLocalName(host: string): boolean {
  return isLoopbackHost(host.toLowerCase().replace(/:\d{1,5}$/, ''))
}

/**
 * An agent may come by any name that leads here, such as that of a tunnel or of a proxy in its own network. It opens and enters rooms, as
 * browsers cannot without an Origin (Fetch standard, "append a request Origin header"; RFC 6455 section 4.1).
 */
function isAgentAtRooms({
  method,
  url = '',
  headers,
}: Pick<IncomingMessage, 'method' | 'url' | 'headers'>): boolean {
  if (headers.origin !== undefined) return false
  const [path = ''] = url.split('?', 1)
  if (path === '/rooms') return method === 'POST'
  return /^\/rooms\/\d+$/.test(path) && headers.upgrade?.toLowerCase() === 'websocket'
}

function isOwn(origin: string, host: string): boolean {
  return origin.toLowerCase() === `http://${host.toLowerCase()}`
}

/** Changes the headers of an answer so that no page of another site can read it, not even where a browser sends no Origin. */
export function keepFromOtherSites(answer: OutgoingHttpHeaders, origin: string | undefined): void {
  // Only origins that were named get as far as this.
  if (origin !== undefined) return
  delete answer['access-control-allow-origin']
  answer['cross-origin-resource-policy'] = 'same-origin'
}
