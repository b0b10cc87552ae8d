/** Options that more than one command takes. */
import { filterOptions } from '../../../protocol/catalogue/filters.ts'
import { chemistries, formats, type Resource } from '../../../protocol/catalogue/vocabulary.ts'
import type { OptionEntry, OptionTable, Values } from '../option-table.ts'
import {
  DEFAULT_EDGE,
  durationMs,
  edgeUrl,
  exportFormat,
  type FileFormat,
  filterPair,
  iceServerUrl,
  optionalSecret,
  optionalText,
  transportKind,
  usage,
} from '../option-values.ts'

export const edgeOption = {
  edge: {
    name: 'edge',
    argument: 'URL',
    parse: edgeUrl,
    environment: 'VOLTDROP_EDGE',
    help: `address of the edge; otherwise that of voltdrop config, else ${DEFAULT_EDGE}`,
  },
  edgeHeaders: {
    name: 'edge-headers',
    argument: 'FILE',
    environment: 'VOLTDROP_EDGE_HEADERS',
    help: 'send the headers in FILE to the edge, for a gate before it; a line each, Name: value; only you may read it (mode 0600)',
  },
} as const satisfies OptionTable

export type EdgeChoice = Values<typeof edgeOption>

/** A command whose edge is known (agent/edge/named-edge.ts). */
export type WithEdge<T> = Omit<T, 'edge'> & { readonly edge: URL }

/** How the edge is reached: variables that other programs read too. */
export const networkSettings = {
  HTTPS_PROXY:
    'HTTP proxy for an edge at https://; the connection of the two sides (UDP, or TURN) never goes through it',
  HTTP_PROXY: 'the same for an edge at http://',
  ALL_PROXY: 'the same for both',
  NO_PROXY: 'hosts to reach without: names, addresses, networks such as 10.0.0.0/8; this machine always is',
  NODE_EXTRA_CA_CERTS: "file of CA certificates to trust, beside Node's and the system's",
  SSL_CERT_FILE: 'the same',
} as const

/** Where the token that may write to an edge comes from. */
export const tokenOptions = {
  tokenFile: {
    name: 'token-file',
    argument: 'FILE',
    help: 'read the token that allows writing from FILE, which only you may read (mode 0600), or from a pipe',
  },
  token: {
    environment: 'VOLTDROP_TOKEN',
    parse: optionalSecret,
    help: 'the token itself, when there is no --token-file',
  },
} as const satisfies OptionTable

export const outOption = {
  out: {
    name: 'out',
    short: 'o',
    argument: 'PATH',
    parse: savedAs,
    help: 'folder or new file name, instead of the current folder; one that ends with / is a folder and is made; nothing is ever overwritten',
  },
} as const satisfies OptionTable

/** How the two sides reach each other. */
export const routeOptions = {
  ...edgeOption,
  iceServerUrls: {
    name: 'ice-server',
    argument: 'URL',
    parse: iceServerUrl,
    repeatable: true,
    help: "stun: or turn: server to use instead of the edge's",
  },
  iceFile: {
    name: 'ice-file',
    argument: 'FILE',
    help: 'ICE servers as JSON: [{"urls": ["turn:..."], "username": "...", "credential": "..."}]',
  },
  iceUsername: {
    environment: 'VOLTDROP_ICE_USERNAME',
    parse: optionalText,
    help: 'user name for the turn: servers of --ice-server',
  },
  iceCredential: {
    environment: 'VOLTDROP_ICE_CREDENTIAL',
    parse: optionalSecret,
    help: 'password for the turn: servers of --ice-server',
  },
  relayOnly: {
    name: 'relay-only',
    help: "use TURN servers only: the other side never sees this machine's addresses",
  },
  transport: {
    name: 'transport',
    argument: 'NAME',
    parse: transportKind,
    default: 'fast',
    help: 'data path: fast, or werift, the one of that library, should the fast one fail',
  },
  timeoutMs: {
    name: 'timeout',
    argument: 'TIME',
    parse: durationMs,
    help: 'give up when the other side has not come after TIME, such as 90s, 5m or 1h; the code of send is valid for TIME, or 10m',
  },
  verify: {
    name: 'verify',
    help: 'ask for the verification strings to be compared before anything is transferred',
  },
  trace: {
    name: 'trace',
    argument: 'FILE',
    help: 'write one JSON line for each packet event to FILE, a new file',
  },
} as const satisfies OptionTable

export type Route = WithEdge<Values<typeof routeOptions>>

/** The filters of the catalogue that have an option of their own; `parameter` is their name in the edge's query. */
const filterEntries = {
  chemistry: {
    name: filterOptions.chemistry,
    argument: 'NAME',
    once: true,
    parameter: 'chemistry',
    help: `only this chemistry: ${chemistries.join(', ')}`,
  },
  formFactor: {
    name: filterOptions.format,
    argument: 'NAME',
    once: true,
    parameter: 'format',
    help: `only this cell format: ${formats.join(', ')}`,
  },
  manufacturer: {
    name: filterOptions.manufacturer,
    argument: 'NAME',
    once: true,
    parameter: 'manufacturer',
    help: 'only those of this manufacturer',
  },
  minCapacity: {
    name: filterOptions.min_nominal_capacity_mah,
    argument: 'MAH',
    once: true,
    parameter: 'min_nominal_capacity_mah',
    help: 'only those with at least this nominal capacity, in mAh',
  },
  maxCapacity: {
    name: filterOptions.max_nominal_capacity_mah,
    argument: 'MAH',
    once: true,
    parameter: 'max_nominal_capacity_mah',
    help: 'only those with at most this nominal capacity, in mAh',
  },
} as const satisfies Record<string, OptionEntry & { readonly parameter: keyof typeof filterOptions }>

/** Which rows of the catalogue, and as what file. */
export const catalogueOptions = {
  format: {
    name: 'format',
    argument: 'FORMAT',
    once: true,
    parse: exportFormat,
    default: 'csv',
    help: 'csv, ndjson, json or parquet',
  },
  ...filterEntries,
  filter: {
    name: 'filter',
    argument: 'NAME=VALUE',
    parse: filterPair,
    repeatable: true,
    help: "any other parameter of the edge's export",
  },
} as const satisfies OptionTable

type CatalogueValues = Values<typeof catalogueOptions>

/** What to fetch from the edge's catalogue. Whether the filters are right is checked by check-selection.ts. */
export type ExportRequest = {
  readonly catalogue: Resource
  readonly format: FileFormat
  readonly filters: readonly (readonly [name: string, value: string])[]
}

export function exportRequest(catalogue: Resource, values: CatalogueValues): ExportRequest {
  return { catalogue, format: values.format, filters: catalogueFilters(values) }
}

/** As query parameters of the edge, each name once. */
export function catalogueFilters(values: CatalogueValues): (readonly [name: string, value: string])[] {
  const keys = Object.keys(filterEntries) as (keyof typeof filterEntries)[]
  const named = keys.flatMap((key) => {
    const value = values[key]
    return value === undefined ? [] : [[filterEntries[key].parameter, value] as const]
  })
  const all = [...named, ...values.filter]
  const twice = all.find(([name], index) => all.findIndex(([other]) => other === name) < index)
  if (twice !== undefined) throw usage(`the filter ${twice[0]} is given more than once`)
  if (values.filter.some(([name]) => name === 'as')) throw usage('--format names the format, not --filter as')
  return all
}

/** Two switches that say which catalogue is meant. */
export const resourceOptions = {
  batteries: { name: 'batteries', help: "the catalogue's batteries" },
  products: { name: 'products', help: "the catalogue's products" },
} as const satisfies OptionTable

/** What is verified is a file on disk: nothing goes to standard output. */
function savedAs(value: string, option: string): string {
  if (value === '-') throw usage(`${option} -: what is saved is a verified file; name one, or a folder`)
  return value
}

/** The catalogue that was named; undefined: none. */
export function resourceOf({ batteries, products }: Values<typeof resourceOptions>): Resource | undefined {
  if (batteries && products) throw usage('--batteries and --products exclude each other')
  return batteries ? 'batteries' : products ? 'products' : undefined
}
