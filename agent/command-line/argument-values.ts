/** Reads single values of the command line: text in, a checked value out, or `usage` with the value and what is allowed. */
import { filterOptions } from '../../protocol/catalogue/filters.ts'
import { type ExportFormat, exportFormats } from '../../protocol/catalogue/vocabulary.ts'
import { VoltdropError } from '../../protocol/errors.ts'
import { DEFAULT_WORDS, MAX_WORDS, MIN_WORDS } from '../../protocol/meeting/phrase.ts'
import { escapeText } from '../terminal/escape.ts'
import type { TransportKind } from '../paths/data-channel.ts'

const DEFAULT_EDGE = 'http://127.0.0.1:8787'
/** A day: no room lives longer, and a timer beyond 2^31 ms would fire at once. */
const MAX_DURATION_MS = 86_400_000

function refuse(option: string, value: string, allowed: string): VoltdropError {
  return new VoltdropError('usage', `${option} ${escapeText(value)}: ${allowed}`)
}

/** The edge's base address: http or https, without credentials, query or fragment. Always ends with a slash. */
export function edgeUrl(value: string | undefined): URL {
  const text = value === undefined || value === '' ? DEFAULT_EDGE : value
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw refuse('--edge', text, 'an address such as https://edge.example is expected')
  }
  // Not echoed: a password in an address must not end up in a log.
  if (url.username !== '' || url.password !== '')
    throw new VoltdropError('usage', '--edge takes no user name or password')
  if (url.search !== '' || url.hash !== '')
    throw refuse('--edge', text, 'an address without ? or # is expected')
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}

/** An ICE server's address (RFC 7064, RFC 7065). Credentials never stand in it: they come from the environment or a file. */
export function iceServerUrl(value: string): string {
  if (value.includes('@'))
    throw new VoltdropError('usage', '--ice-server takes no credentials; see --ice-file')
  if (!/^(?:stuns?|turns?):[\w.:[\]-]{1,255}(?:\?transport=(?:udp|tcp))?$/.test(value)) {
    throw refuse(
      '--ice-server',
      value,
      'stun:HOST[:PORT] or turn:HOST[:PORT][?transport=udp|tcp] is expected',
    )
  }
  return value
}

/** The data path by name; `fast` unless said otherwise. */
export function transportKind(value: string | undefined): TransportKind {
  if (value === undefined || value === 'fast' || value === 'werift') return value ?? 'fast'
  throw refuse('--transport', value, 'fast or werift is expected')
}

/** `90`, `90s`, `5m`, `1h` in milliseconds; bare numbers are seconds. */
export function durationMs(value: string): number {
  const match = /^(\d{1,6})(s|m|h)?$/.exec(value)
  const unitMs = { s: 1000, m: 60_000, h: 3_600_000 }[match?.[2] ?? 's'] ?? 1000
  const ms = Number(match?.[1] ?? 0) * unitMs
  if (ms < 1000 || ms > MAX_DURATION_MS)
    throw refuse('--timeout', value, 'a time such as 90s, 5m or 1h is expected')
  return ms
}

/** `500`, `500k`, `1.5G`, `2GiB` in bytes; every unit is a power of 1,024. */
export function sizeInBytes(value: string): number {
  const match = /^(\d{1,12}(?:\.\d{1,3})?)([kmgt]?)(?:i?b)?$/i.exec(value)
  const bytes = Math.floor(
    Number(match?.[1] ?? Number.NaN) * 1024 ** ' kmgt'.indexOf(match?.[2]?.toLowerCase() || ' '),
  )
  if (!Number.isSafeInteger(bytes)) throw refuse('--max-size', value, 'a size such as 500M or 2G is expected')
  return bytes
}

/** The number of words in a code. */
export function wordCount(value: string | undefined): number {
  if (value === undefined) return DEFAULT_WORDS
  const words = /^\d{1,2}$/.test(value) ? Number(value) : 0
  if (words < MIN_WORDS || words > MAX_WORDS)
    throw refuse('--words', value, `${MIN_WORDS} to ${MAX_WORDS} are possible`)
  return words
}

/** A TCP port; 0 lets the system choose a free one. */
export function portNumber(value: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : -1
  if (port < 0 || port > 65_535) throw refuse('--port', value, 'a number from 0 to 65535 is expected')
  return port
}

/** The edge makes all of these but Parquet, which is made here from NDJSON. */
const fileFormats = [...exportFormats, 'parquet'] as const
export type FileFormat = ExportFormat | 'parquet'

export function exportFormat(value: string | undefined): FileFormat {
  if (value === undefined) return 'csv'
  const format = fileFormats.find((known) => known === value)
  if (format === undefined) throw refuse('--format', value, `one of ${fileFormats.join(', ')} is expected`)
  return format
}

type FilterValues = { [Option in (typeof filterOptions)[keyof typeof filterOptions]]?: string } & {
  filter: string[]
}

/** The query parameters of the catalogue, in the order given; `--filter name=value` reaches every one that has no option of its own. */
export function catalogueFilters(values: FilterValues): [string, string][] {
  const filters: [string, string][] = []
  for (const [name, option] of Object.entries(filterOptions)) {
    const value = values[option]
    if (value !== undefined) filters.push([name, value])
  }
  for (const pair of values.filter) {
    const equals = pair.indexOf('=')
    if (equals < 1) throw refuse('--filter', pair, 'name=value is expected')
    filters.push([pair.slice(0, equals), pair.slice(equals + 1)])
  }
  return filters
}

/** `name=value` pairs as a map. */
export function assignments(option: string, pairs: readonly string[]): Map<string, string> {
  return new Map(
    pairs.map((pair) => {
      const equals = pair.indexOf('=')
      if (equals < 1 || equals === pair.length - 1) throw refuse(option, pair, 'name=value is expected')
      return [pair.slice(0, equals), pair.slice(equals + 1)]
    }),
  )
}
