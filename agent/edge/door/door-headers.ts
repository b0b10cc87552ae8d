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

export type Forwarded = {
  readonly host: string
  readonly secure: boolean
  readonly clientAddress: string
  readonly secret: string
}

/** The headers with which a request goes to the Worker. */
export function headersForWorker(incoming: IncomingMessage, forwarded: Forwarded): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = Object.create(null)
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    if (!OWN_HEADERS.has(name) && !SAID_BY_OTHERS.test(name)) headers[name] = values
  }
  if (incoming.headers['transfer-encoding'] !== undefined) headers['transfer-encoding'] = 'chunked'
  headers['host'] = forwarded.host
  headers['cf-connecting-ip'] = forwarded.clientAddress
  if (forwarded.secure) headers['x-forwarded-proto'] = 'https'
  headers[DOOR_HEADER] = forwarded.secret
  return headers
}

/** The headers of an answer, without those that are between two hops only. */
export function headersForClient(answer: IncomingMessage): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = Object.create(null)
  for (const [name, values] of Object.entries(answer.headersDistinct)) {
    if (!OWN_HEADERS.has(name)) headers[name] = values?.length === 1 ? values[0] : values
  }
  return headers
}
