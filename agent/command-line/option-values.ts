/** Parses single values of the command line: text in, a checked value out, or `usage` with the value and what is expected. */
import {
  type ExportFormat,
  exportFormats,
  type Resource,
  resources,
} from '../../protocol/catalogue/vocabulary.ts'
import { VoltdropError } from '../../protocol/errors.ts'
import { MAX_WORDS, MIN_WORDS } from '../../protocol/meeting/phrase.ts'
import { ICE_SERVER_URL } from '../../protocol/meeting/ice-server-url.ts'
import { Secret } from '../../protocol/secret.ts'
import type { TransportKind } from '../paths/data-channel.ts'
import { escapeText } from '../terminal/escape.ts'

/** Where `voltdrop edge` listens unless told otherwise. */
export const DEFAULT_EDGE = 'http://127.0.0.1:8787'
/** A day: no room lives longer, and a timer above 2^31 ms would expire at once. */
const MAX_DURATION_MS = 86_400_000

/** A command line that is not understood. `detail` may repeat what was typed. */
export function usage(detail: string, options?: ErrorOptions): VoltdropError {
  return new VoltdropError('usage', escapeText(detail), options)
}

export function refuse(option: string, value: string, expected: string): VoltdropError {
  return new VoltdropError('usage', `${option} ${escapeText(value)}: ${expected}`)
}

/** The edge's base address: http or https, without credentials, query or fragment. Always ends with a slash. */
export function edgeUrl(value: string, option: string): URL {
  const url = URL.parse(value)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw refuse(option, value || "''", 'an address such as https://edge.example is expected')
  }
  // Not repeated: a password in an address must not end up in a log.
  if (url.username !== '' || url.password !== '') throw usage(`${option} takes no user name or password`)
  if (url.search !== '' || url.hash !== '')
    throw refuse(option, value, 'an address without ? or # is expected')
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}

/** An ICE server's address (RFC 7064, RFC 7065), without credentials: these come from the environment or a file. */
export function iceServerUrl(value: string, option: string): string {
  // Not repeated: it probably contains a password.
  if (value.includes('@'))
    throw usage(
      `${option}: an address has no credentials; they go into --ice-file as username and credential`,
    )
  if (!ICE_SERVER_URL.test(value)) {
    throw refuse(option, value, 'stun:HOST[:PORT] or turn:HOST[:PORT][?transport=udp|tcp] is expected')
  }
  return value
}

export function transportKind(value: string, option: string): TransportKind {
  if (value === 'fast' || value === 'werift') return value
  throw refuse(option, value, 'fast or werift is expected')
}

/** `90`, `90s`, `5m`, `1h` in milliseconds; a number without a unit is in seconds. */
export function durationMs(value: string, option: string): number {
  const match = /^(\d{1,6})(s|m|h)?$/.exec(value)
  const unitMs = { s: 1000, m: 60_000, h: 3_600_000 }[match?.[2] ?? 's'] ?? 1000
  const ms = Number(match?.[1] ?? 0) * unitMs
  if (ms < 1000 || ms > MAX_DURATION_MS)
    throw refuse(option, value, 'a time such as 90s, 5m or 1h is expected, at most 24h')
  return ms
}

/** `500`, `500k`, `1.5G`, `2GiB` in bytes; every unit is a power of 1,024. */
export function sizeInBytes(value: string, option: string): number {
  const match = /^(\d{1,12}(?:\.\d{1,3})?)([kmgt]?)(?:i?b)?$/i.exec(value)
  const bytes = Math.floor(
    Number(match?.[1] ?? Number.NaN) * 1024 ** ' kmgt'.indexOf(match?.[2]?.toLowerCase() || ' '),
  )
  if (!Number.isSafeInteger(bytes)) throw refuse(option, value, 'a size such as 500M or 2G is expected')
  return bytes
}

/** The number of words in a code. */
export function wordCount(value: string, option: string): number {
  const words = /^\d{1,2}$/.test(value) ? Number(value) : 0
  if (words < MIN_WORDS || words > MAX_WORDS)
    throw refuse(option, value, `a number from ${MIN_WORDS} to ${MAX_WORDS} is expected`)
  return words
}

/** A TCP port; 0 lets the system choose a free one. */
export function portNumber(value: string, option: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : -1
  if (port < 0 || port > 65_535) throw refuse(option, value, 'a number from 0 to 65535 is expected')
  return port
}

/** The edge makes all of these but Parquet, which is made here from NDJSON. */
const fileFormats = [...exportFormats, 'parquet'] as const
export type FileFormat = ExportFormat | 'parquet'

export function exportFormat(value: string, option: string): FileFormat {
  const format = fileFormats.find((known) => known === value)
  if (format === undefined) throw refuse(option, value, `one of ${fileFormats.join(', ')} is expected`)
  return format
}

export function exportResource(value: string, option: string): Resource {
  const resource = resources.find((known) => known === value)
  if (resource === undefined) throw refuse(option, value, 'batteries or products is expected')
  return resource
}

/** `name=value`; the value may be empty and may contain `=`. */
export function filterPair(value: string, option: string): readonly [name: string, value: string] {
  const equals = value.indexOf('=')
  if (equals < 1) throw refuse(option, value, 'name=value is expected')
  return [value.slice(0, equals), value.slice(equals + 1)]
}

/** As `filterPair`, with a value that is not empty. */
export function assignment(value: string, option: string): readonly [name: string, value: string] {
  const [name, text] = filterPair(value, option)
  if (text === '') throw refuse(option, value, 'name=value is expected')
  return [name, text]
}

/** A variable that is set to nothing counts as not set. */
export function optionalText(value: string): string | undefined {
  return value === '' ? undefined : value
}

/** As `optionalText`, for a value that must never be printed. */
export function optionalSecret(value: string): Secret | undefined {
  return value === '' ? undefined : new Secret(value)
}
