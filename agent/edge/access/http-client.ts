/**
 * HTTP and WebSocket towards the edge: through the proxy of the environment, and with this machine's own certificate authorities. It is
 * the package undici, which Node contains too, but in each release another one: those differ in proxies and in how much they buffer.
 */
import { Agent, type Dispatcher, ProxyAgent, type RequestInit, type Response, WebSocket, fetch } from 'undici'
import { VoltdropError } from '../../../protocol/errors.ts'
import { MAX_FRAME_BYTES } from '../../../protocol/meeting/room.ts'
import { certificateFault, isIssuerUnknown } from './certificate-fault.ts'
import { edgeHeadersFor } from './edge-headers.ts'
import { networkReason, NOT_HTTP } from './network-reason.ts'
import { basicAuthorization, PROXY_WANTS_CREDENTIALS, proxyFor } from './proxy-settings.ts'
import { systemTrust, type Trust } from './system-trust.ts'

/** A connection that does not come about within this time never does. */
const CONNECTION_MS = 10_000
/** What is longer is dropped before it is buffered. Some room, so that a frame that is only just too long is still closed as such. */
const MAX_PAYLOAD_BYTES = 4 * MAX_FRAME_BYTES
/** Pieces of one message. Empty ones add no bytes to it, and each is kept until the last has come. */
const MAX_FRAGMENTS = 64
const SOCKET_LIMITS = { maxPayloadSize: MAX_PAYLOAD_BYTES, maxFragments: MAX_FRAGMENTS }

/** Beyond Node's own certificate authorities; `undefined` until a certificate needed them, because loading them takes a while. */
let trust: Trust | undefined
/** By proxy; made anew when `trust` changes. */
let dispatchers = new Map<string | undefined, Dispatcher>()

/** `fetch` towards the edge, with its headers and without following redirects. Rejects as `fetch` does. */
export function fetchFromEdge(url: URL, init: RequestInit): Promise<Response> {
  return fetch(url, {
    ...init,
    headers: { ...edgeHeadersFor(url), ...(init.headers as Record<string, string> | undefined) },
    redirect: 'manual',
    dispatcher: dispatcherFor(url),
  })
}

/** A WebSocket to the edge at `url` (http or https), which is not open yet. */
export function socketToEdge(
  url: URL,
  protocol: string,
  headers: Readonly<Record<string, string>>,
): WebSocket {
  const socketUrl = new URL(url)
  socketUrl.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return new WebSocket(socketUrl, {
    protocols: [protocol],
    headers: { ...edgeHeadersFor(url), ...headers },
    dispatcher: dispatcherFor(url),
  })
}

/**
 * From now on, this machine's own certificate authorities count too, if `error` says that Node's did not suffice. @returns true when
 * that is new, and trying again may help.
 */
export async function trustSystemAfter(error: unknown): Promise<boolean> {
  if (trust !== undefined || !isIssuerUnknown(error)) return false
  trust = await systemTrust()
  dispatchers = new Map()
  return true
}

/** What the failure of `fetchFromEdge` means. */
export async function connectionFailure(error: unknown, url: URL): Promise<VoltdropError> {
  const proxy = proxyFor(url, process.env)
  const fault = await certificateFault(error, { url, proxy, trust })
  if (fault !== undefined) return new VoltdropError('edge_untrusted', fault, { cause: error })
  const reason = proxyRefusal(error) ?? networkReason(error)
  const where = proxy === undefined ? url.origin : `${url.origin} through the proxy ${proxy.host}`
  const detail = reason === undefined ? where : `${where}: ${reason}`
  const code = reason === NOT_HTTP ? 'not_an_edge' : 'edge_unreachable'
  return new VoltdropError(code, detail, { cause: error })
}

/** The package tells a proxy's refusal by its message only. */
function proxyRefusal(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (/^Proxy response \(407\)|proxy authentication required/i.test(cause.message))
      return PROXY_WANTS_CREDENTIALS
    const [, status] = /^Proxy response \((\d{3})\)/.exec(cause.message) ?? []
    if (status !== undefined) return `it refuses the connection (${status})`
  }
  return undefined
}

function dispatcherFor(url: URL): Dispatcher {
  const proxy = proxyFor(url, process.env)
  const key = proxy && `${url.protocol} ${proxy.href}`
  const known = dispatchers.get(key)
  if (known !== undefined) return known
  const made = proxy === undefined ? directAgent() : proxiedAgent(url, proxy)
  dispatchers.set(key, made)
  return made
}

/** Deadlines are the caller's, who knows what it waits for. */
const NO_DEADLINES = { headersTimeout: 0, bodyTimeout: 0 } as const

/** Said outright, because NODE_TLS_REJECT_UNAUTHORIZED=0 would otherwise switch the check off for tokens and headers too. */
function tlsOptions() {
  return { timeout: CONNECTION_MS, rejectUnauthorized: true, ...trust }
}

function directAgent(): Dispatcher {
  return new Agent({
    ...NO_DEADLINES,
    connect: tlsOptions(),
    webSocket: SOCKET_LIMITS,
  })
}

/** https goes through a tunnel (CONNECT, RFC 9110 section 9.3.6); a request over http is the proxy's to forward. */
function proxiedAgent(url: URL, proxy: URL): Dispatcher {
  const address = new URL(proxy)
  address.username = address.password = ''
  const token = basicAuthorization(proxy)
  return new LimitedProxyAgent({
    ...NO_DEADLINES,
    uri: address.href,
    ...(token === undefined ? {} : { token }),
    proxyTunnel: url.protocol === 'https:',
    requestTls: tlsOptions(),
    proxyTls: tlsOptions(),
  })
}

/** The package hands the limits of an Agent to its sockets, but not those of a ProxyAgent. */
class LimitedProxyAgent extends ProxyAgent {
  get webSocketOptions(): typeof SOCKET_LIMITS {
    return SOCKET_LIMITS
  }
}
