/** The command line as one closed union: everything a person can type is checked here, and nothing behind it looks at argv again. */
import type { ParseArgsOptionsConfig } from 'node:util'
import type { Resource } from '../../protocol/catalogue/vocabulary.ts'
import { type ImportCommand, readImport } from './argument-import.ts'
import {
  didYouMean,
  edgeOption,
  type Environment,
  type Output,
  outputDefaults,
  outputOf,
  read,
  tokenOption,
  tokenSource,
  type TokenSource,
  usage,
  type Words,
} from './argument-options.ts'
import {
  catalogueFilters,
  durationMs,
  edgeUrl,
  exportFormat,
  type FileFormat,
  iceServerUrl,
  portNumber,
  sizeInBytes,
  transportKind,
  wordCount,
} from './argument-values.ts'
import type { TransportKind } from '../paths/data-channel.ts'

export type { ImportCommand } from './argument-import.ts'
export type { Environment, Output } from './argument-options.ts'

/** What to fetch from the edge's catalogue. Filters go to the edge as they are; the edge names a wrong one. */
export type ExportRequest = {
  readonly catalogue: Resource
  readonly format: FileFormat
  readonly filters: readonly (readonly [name: string, value: string])[]
}

/** How the two sides reach each other. */
export type Route = {
  readonly edge: URL
  readonly iceServerUrls: readonly string[]
  readonly iceFile: string | undefined
  readonly relayOnly: boolean
  /** The data path: our own, or the library's as reference and fallback. */
  readonly transport: TransportKind
  /** Longest wait for the other side in milliseconds; undefined: as long as the room lives. */
  readonly timeoutMs: number | undefined
  /** Ask a person to compare the verification string before anything is transferred. */
  readonly verify: boolean
}

export type SendCommand = Output &
  Route & {
    readonly name: 'send'
    readonly source: { readonly path: string } | ExportRequest
    /** Folder or file name of the export that is sent; undefined: the current folder. */
    readonly out: string | undefined
    readonly words: number
  }
export type ReceiveCommand = Output &
  Route & {
    readonly name: 'receive'
    readonly code: string | undefined
    readonly codeFile: string | undefined
    readonly out: string | undefined
    readonly yes: boolean
    readonly maxBytes: number | undefined
  }
export type ExportCommand = Output & {
  readonly name: 'export'
  readonly edge: URL
  readonly request: ExportRequest
  readonly out: string | undefined
}
export type EdgeCommand = Output &
  TokenSource & {
    readonly name: 'edge'
    readonly host: string
    readonly port: number
    readonly data: string | undefined
  }
export type Command =
  | SendCommand
  | ReceiveCommand
  | ExportCommand
  | ImportCommand
  | EdgeCommand
  | (Output & { readonly name: 'help'; readonly topic: string | undefined })
  | (Output & { readonly name: 'version' })

const routeOptions = {
  ...edgeOption,
  'ice-server': { type: 'string', multiple: true, default: [] },
  'ice-file': { type: 'string' },
  'relay-only': { type: 'boolean', default: false },
  transport: { type: 'string' },
  timeout: { type: 'string' },
  verify: { type: 'boolean', default: false },
} as const satisfies ParseArgsOptionsConfig

const catalogueOptions = {
  format: { type: 'string' },
  chemistry: { type: 'string' },
  'format-factor': { type: 'string' },
  manufacturer: { type: 'string' },
  'min-capacity': { type: 'string' },
  'max-capacity': { type: 'string' },
  filter: { type: 'string', multiple: true, default: [] },
  out: { type: 'string', short: 'o' },
} as const satisfies ParseArgsOptionsConfig

type RouteValues = {
  edge?: string
  'ice-server': string[]
  'ice-file'?: string
  'relay-only': boolean
  transport?: string
  timeout?: string
  verify: boolean
}

function routeOf(values: RouteValues, environment: Environment): Route {
  return {
    edge: edgeUrl(values.edge ?? environment['VOLTDROP_EDGE']),
    iceServerUrls: values['ice-server'].map(iceServerUrl),
    iceFile: values['ice-file'],
    relayOnly: values['relay-only'],
    transport: transportKind(values.transport),
    timeoutMs: values.timeout === undefined ? undefined : durationMs(values.timeout),
    verify: values.verify,
  }
}

function readSend(args: Words, environment: Environment): Command {
  const { values, positionals } = read(args, {
    ...routeOptions,
    ...catalogueOptions,
    batteries: { type: 'boolean', default: false },
    products: { type: 'boolean', default: false },
    words: { type: 'string' },
  })
  if (values.help) return { name: 'help', topic: 'send', ...outputOf(values) }
  const exported = values.batteries || values.products
  if (values.batteries && values.products) throw usage('--batteries and --products exclude each other')
  if (exported ? positionals.length > 0 : positionals.length !== 1) {
    throw usage('send takes one FILE, or --batteries, or --products')
  }
  const filters = catalogueFilters(values)
  if (!exported && (filters.length > 0 || values.format !== undefined || values.out !== undefined)) {
    throw usage('--format, --out and filters belong to --batteries or --products')
  }
  const source = exported
    ? ({
        catalogue: values.batteries ? 'batteries' : 'products',
        format: exportFormat(values.format),
        filters,
      } as const)
    : { path: positionals[0] ?? '' }
  return {
    name: 'send',
    ...outputOf(values),
    ...routeOf(values, environment),
    source,
    out: values.out,
    words: wordCount(values.words),
  }
}

function readReceive(args: Words, environment: Environment): Command {
  const { values, positionals } = read(args, {
    ...routeOptions,
    out: { type: 'string', short: 'o' },
    'code-file': { type: 'string' },
    yes: { type: 'boolean', short: 'y', default: false },
    'max-size': { type: 'string' },
  })
  if (values.help) return { name: 'help', topic: 'receive', ...outputOf(values) }
  if (positionals.length > 1) throw usage('receive takes one CODE; write its words with dashes')
  if (positionals.length === 1 && values['code-file'] !== undefined)
    throw usage('give CODE or --code-file, not both')
  return {
    name: 'receive',
    ...outputOf(values),
    ...routeOf(values, environment),
    code: positionals[0] ?? (values['code-file'] === undefined ? environment['VOLTDROP_CODE'] : undefined),
    codeFile: values['code-file'],
    out: values.out,
    yes: values.yes,
    maxBytes: values['max-size'] === undefined ? undefined : sizeInBytes(values['max-size']),
  }
}

function readExport(args: Words, environment: Environment): Command {
  const { values, positionals } = read(args, { ...edgeOption, ...catalogueOptions })
  if (values.help) return { name: 'help', topic: 'export', ...outputOf(values) }
  const [catalogue, ...rest] = positionals
  if ((catalogue !== 'batteries' && catalogue !== 'products') || rest.length > 0) {
    throw usage('export takes batteries or products')
  }
  const request = {
    catalogue,
    format: exportFormat(values.format),
    filters: catalogueFilters(values),
  } as const
  const edge = edgeUrl(values.edge ?? environment['VOLTDROP_EDGE'])
  return { name: 'export', ...outputOf(values), edge, request, out: values.out }
}

function readEdge(args: Words, environment: Environment): Command {
  const { values, positionals } = read(args, {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '8787' },
    data: { type: 'string' },
    ...tokenOption,
  })
  if (values.help) return { name: 'help', topic: 'edge', ...outputOf(values) }
  if (positionals.length > 0) throw usage('edge takes options only')
  return {
    name: 'edge',
    ...outputOf(values),
    host: values.host,
    port: portNumber(values.port),
    data: values.data,
    ...tokenSource(values, environment),
  }
}

const commands = ['send', 'receive', 'export', 'import', 'edge', 'help', 'version']

/**
 * The command in `args` (argv without the program). Throws `usage` naming what is not understood; nothing is opened or sent before
 * the whole line has been accepted.
 */
export function parseArguments(args: Words, environment: Environment): Command {
  const [first, ...rest] = args
  switch (first) {
    case 'send':
      return readSend(rest, environment)
    case 'receive':
      return readReceive(rest, environment)
    case 'export':
      return readExport(rest, environment)
    case 'import':
      return readImport(rest, environment)
    case 'edge':
      return readEdge(rest, environment)
    case 'version':
    case '--version':
    case '-V':
      return { name: 'version', ...outputOf(read(rest, {}).values) }
    case undefined:
    case 'help':
    case '--help':
    case '-h':
      return { name: 'help', topic: rest[0], ...outputDefaults }
    default:
      throw usage(`there is no command ${first}${didYouMean(first, commands)}`)
  }
}
