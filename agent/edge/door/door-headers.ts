/** Which headers of a request reach the Worker: none that Cloudflare, Miniflare or a proxy would set, because anybody can send them. */
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'

/** The Worker takes requests with this header only: the door shares its value with it. */
export const DOOR_HEADER = 'voltdrop-door'

/** What is between two hops only (RFC 9110 section 7.6.1), and what the door sets itself. */
const OWN_HEADERS = new Set(
  'connection expect host keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade'.split(
    ' ',
  ),
)

/** What platform and proxies say of a client: `CF-*` is Cloudflare's, `MF-*` Miniflare's, the others are common among proxies. */
const SAID_BY_OTHERS =
  /^(?:cf-|mf-|x-mf-|voltdrop-|x-forwarded|forwarded$|x-real-ip$|x-client-ip$|true-client-ip$)/

/** A name or an address, with a port or without (RFC 9112 section 3.2). Anything else would change the URL that the Worker makes of it. */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i

export type Forwarded = {
  readonly host: string
  readonly secure: boolean
  readonly clientAddress: string
  readonly secret: string
}

/**
 * Every value of each header, by its name in small letters. `headersDistinct` would be the same, but throws in Node before 22.22.2 and
 * 24.14.1 when a header is named like what objects inherit: one such request would end the edge.
 */
export function valuesByName({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): Map<string, string[]> {
  const values = new Map<string, string[]>()
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2)
    const key = name.toLowerCase()
    const known = values.get(key)
    if (known === undefined) values.set(key, [value])
    else known.push(value)
  }
  return values
}

/** The one host of a request (RFC 9112 section 3.2); undefined when it has none, several or something else. */
export function hostOf(headers: ReadonlyMap<string, readonly string[]>): string | undefined {
  const [host = '', ...others] = headers.get('host') ?? []
  return others.length === 0 && HOST.test(host) && URL.canParse(`http://${host}`) ? host : undefined
}

/** The headers with which a request goes to the Worker. */
export function headersForWorker(
  incoming: ReadonlyMap<string, string[]>,
  forwarded: Forwarded,
): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = Object.create(null)
  for (const [name, values] of incoming) {
    if (!OWN_HEADERS.has(name) && !SAID_BY_OTHERS.test(name)) headers[name] = values
  }
  if (incoming.has('transfer-encoding')) headers['transfer-encoding'] = 'chunked'
  headers['host'] = forwarded.host
  headers['cf-connecting-ip'] = forwarded.clientAddress
  if (forwarded.secure) headers['x-forwarded-proto'] = 'https'
  headers[DOOR_HEADER] = forwarded.secret
  return headers
}

/** The headers of an answer, without those that are between two hops only. */
export function headersForClient(answer: IncomingMessage): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = Object.create(null)
  for (const [name, values] of valuesByName(answer)) {
    if (!OWN_HEADERS.has(name)) headers[name] = values.length === 1 ? values[0] : values
  }
  return headers
}
