/** Headers that let an edge stand behind a gate of its own (Cloudflare Access and the like): sent with every request to the edge. */
import { VoltdropError } from '../../../protocol/errors.ts'
import { readSecretFile } from '../../files/private/secret-file.ts'
import { escapeText } from '../../terminal/escape.ts'
import { isLoopbackHost } from './addresses.ts'

/** A gate needs two or three. */
const MAX_HEADERS = 32
/** Servers refuse more than 8 to 16 KiB of headers. */
const MAX_HEADER_CHARACTERS = 8192

/** Those that this program or its HTTP client sets (RFC 9110, RFC 6455), and those that end at a proxy (section 7.6.1). */
const REFUSED = new Set(
  (
    'accept accept-encoding authorization connection content-encoding content-length content-type expect host keep-alive ' +
    'origin proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade'
  ).split(' '),
)

/** By origin, so that no request to another address can carry them, whoever makes it. */
const headersByOrigin = new Map<string, Readonly<Record<string, string>>>()

/**
 * From now on, every request to the origin of `edge` carries the headers in the file, a line each: `Name: value`.
 * @throws VoltdropError `usage` when others may read the file, it contains something else, or the edge is reached over plain HTTP.
 */
export async function useEdgeHeaders(path: string, edge: URL): Promise<void> {
  if (edge.protocol !== 'https:' && !isLoopbackHost(edge.hostname))
    throw new VoltdropError('usage', '--edge-headers are sent over https only, or to an edge on this machine')
  headersByOrigin.set(edge.origin, parseEdgeHeaders(await readSecretFile(path), path))
}

/** The headers for a request to `url`: none unless it is the edge's. */
export function edgeHeadersFor(url: URL): Readonly<Record<string, string>> {
  return headersByOrigin.get(url.origin) ?? {}
}

/** Exported for its test. A fault is named by its line, never by its value, which may be a secret. */
export function parseEdgeHeaders(text: string, path: string): Record<string, string> {
  const headers = new Map<string, string>()
  if (text.length > MAX_HEADER_CHARACTERS) throw new VoltdropError('usage', `${path} is too long for headers`)
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const [, name = '', value = ''] = /^([!#$%&'*+.^`|~\w-]+):[ \t]*([\x20-\x7e\t]*?)[ \t]*$/.exec(line) ?? []
    const key = name.toLowerCase()
    if (name === '' || value === '') throw faultIn(path, index, 'is not Name: value')
    if (REFUSED.has(key) || key.startsWith('sec-')) throw faultIn(path, index, `${name} cannot be set`)
    if (headers.has(key)) throw faultIn(path, index, `${name} is there twice`)
    headers.set(key, value)
  }
  if (headers.size > MAX_HEADERS)
    throw new VoltdropError('usage', `${path} has more than ${MAX_HEADERS} headers`)
  return Object.fromEntries(headers)
}

function faultIn(path: string, index: number, fault: string): VoltdropError {
  return new VoltdropError('usage', `${escapeText(path)}, line ${index + 1}: ${fault}`)
}
