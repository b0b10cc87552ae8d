/** Why a certificate was refused. The failed connection does not tell who signed it, so a second one asks, over which nothing is sent. */
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type Socket } from 'node:net'
import {
  connect,
  type ConnectionOptions,
  type DetailedPeerCertificate,
  type PeerCertificate,
  type TLSSocket,
} from 'node:tls'
import { escapeText } from '../../terminal/escape.ts'
import { withoutBrackets } from './addresses.ts'
import { errorCodes } from './network-reason.ts'
import { basicAuthorization } from './proxy-settings.ts'
import type { Trust } from './system-trust.ts'

/** For that second connection. */
const LOOK_MS = 5000
const MAX_NAME_CHARACTERS = 120
/** Longer chains are not shown to their end. */
const MAX_CHAIN = 10
const HTTP_PORT = 80
const HTTPS_PORT = 443

/** What OpenSSL says when no authority that is trusted stands behind a certificate (X509_verify_cert_error_string(3)). */
const UNKNOWN_ISSUER = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
  'INVALID_CA',
])

/** The others that a person may meet. */
const OTHER_FAULTS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet; is the clock of this machine right?',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another name',
  CERT_REVOKED: 'was revoked',
  CERT_SIGNATURE_FAILURE: 'has a wrong signature',
  INVALID_PURPOSE: 'is not for servers',
  CERT_CHAIN_TOO_LONG: 'has too long a chain',
  EE_KEY_TOO_SMALL: 'has too short a key',
  CA_MD_TOO_WEAK: 'has too weak a signature',
}

/** True when `error` says that the issuer of a certificate is not known, which more authorities may change. */
export function isIssuerUnknown(error: unknown): boolean {
  return errorCodes(error).some((code) => UNKNOWN_ISSUER.has(code))
}

/** The connection that failed. */
export type Refused = {
  readonly url: URL
  readonly proxy: URL | undefined
  readonly trust: Trust | undefined
}

/** A sentence about the certificate; undefined when `error` has nothing to do with one. */
export async function certificateFault(error: unknown, refused: Refused): Promise<string | undefined> {
  const code = errorCodes(error).find(
    (known) => UNKNOWN_ISSUER.has(known) || Object.hasOwn(OTHER_FAULTS, known),
  )
  if (code === undefined) return undefined
  const { host, certificate } = await lookAt(refused).catch(() => ({
    host: refused.url.host,
    certificate: undefined,
  }))
  const fault = OTHER_FAULTS[code]
  if (fault !== undefined) return `the certificate of ${host}${detailOf(code, certificate)} ${fault}`
  const issuer =
    nameOf(certificate === undefined ? undefined : highestOf(certificate).issuer) ?? 'an authority'
  return `the certificate of ${host} is signed by ${issuer}, which this machine does not trust; if it is to be trusted, name its CA certificate with NODE_EXTRA_CA_CERTS or SSL_CERT_FILE`
}

/** The last of the chain that was sent. */
function highestOf(certificate: DetailedPeerCertificate): DetailedPeerCertificate {
  let highest = certificate
  for (let depth = 0; depth < MAX_CHAIN; depth++) {
    const above: DetailedPeerCertificate | undefined = highest.issuerCertificate
    if (above === undefined || above.fingerprint256 === highest.fingerprint256) break
    highest = above
  }
  return highest
}

function detailOf(code: string, certificate: PeerCertificate | undefined): string {
  if (certificate === undefined) return ''
  if (code === 'CERT_HAS_EXPIRED') return `, valid until ${shown(certificate.valid_to)},`
  if (code === 'CERT_NOT_YET_VALID') return `, valid from ${shown(certificate.valid_from)},`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' && certificate.subjectaltname !== undefined)
    return ` (${shown(certificate.subjectaltname)})`
  return ''
}

/** Organisation and common name, as far as there are any. */
function nameOf(name: PeerCertificate['issuer'] | undefined): string | undefined {
  const parts = [name?.O, name?.CN].flat().filter((part) => part !== undefined && part !== '')
  return parts.length === 0 ? undefined : `'${shown([...new Set(parts)].join(', '))}'`
}

/** Whoever answers chose this text. */
function shown(text: string): string {
  return escapeText(text.slice(0, MAX_NAME_CHARACTERS))
}

type Looked = { readonly host: string; readonly certificate: DetailedPeerCertificate }

/** A proxy that is reached over TLS has a certificate too, which may be the one that failed. */
async function lookAt({ url, proxy, trust }: Refused): Promise<Looked> {
  const signal = AbortSignal.timeout(LOOK_MS)
  if (proxy?.protocol === 'https:') {
    const { certificate, isTrusted } = await peerOf(connect(target(proxy, trust)), signal)
    if (!isTrusted) return { host: `the proxy ${proxy.host}`, certificate }
  }
  const socket = proxy === undefined ? undefined : await openTunnel(url, proxy, trust, signal)
  const { certificate } = await peerOf(connect({ ...target(url, trust), ...(socket && { socket }) }), signal)
  return { host: url.host, certificate }
}

/** For a connection that is closed before anything is sent, so that it need not be trusted. */
function target(url: URL, trust: Trust | undefined): ConnectionOptions {
  const host = withoutBrackets(url.hostname)
  const servername = isIP(host) === 0 ? { servername: host } : {}
  return { host, port: Number(url.port || HTTPS_PORT), ...servername, ...trust, rejectUnauthorized: false }
}

async function peerOf(socket: TLSSocket, signal: AbortSignal) {
  try {
    await once(socket, 'secureConnect', { signal })
    return { certificate: socket.getPeerCertificate(true), isTrusted: socket.authorized }
  } finally {
    socket.on('error', () => {}).destroy() // nobody listens any more
  }
}

/** A connection through the proxy (CONNECT, RFC 9110 section 9.3.6). */
async function openTunnel(
  url: URL,
  proxy: URL,
  trust: Trust | undefined,
  signal: AbortSignal,
): Promise<Socket> {
  const isSecure = proxy.protocol === 'https:'
  const authority = `${url.hostname}:${url.port || HTTPS_PORT}`
  const authorization = basicAuthorization(proxy)
  const asked = (isSecure ? httpsRequest : httpRequest)({
    host: withoutBrackets(proxy.hostname),
    port: proxy.port || (isSecure ? HTTPS_PORT : HTTP_PORT),
    agent: false, // the global one may be told to use a proxy itself
    method: 'CONNECT',
    path: authority,
    headers: {
      host: authority,
      ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }),
    },
    ...(isSecure ? trust : {}),
    signal,
  })
  asked.end()
  const [, socket] = (await once(asked, 'connect', { signal })) as [unknown, Socket]
  return socket
}
