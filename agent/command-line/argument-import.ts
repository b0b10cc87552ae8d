/** The command line of `voltdrop import`. */
import type { Resource } from '../../protocol/catalogue/vocabulary.ts'
import {
  edgeOption,
  type Environment,
  type Output,
  outputOf,
  read,
  tokenOption,
  tokenSource,
  type TokenSource,
  usage,
  type Words,
} from './argument-options.ts'
import { assignments, edgeUrl } from './argument-values.ts'

export type ImportCommand = Output &
  TokenSource & {
    readonly name: 'import'
    readonly edge: URL
    readonly path: string
    /** What the rows are; undefined: the file says it. */
    readonly catalogue: Resource | undefined
    /** Checks the file and, with a token, asks the edge what it would do; nothing is changed. */
    readonly dryRun: boolean
    /** Values for fields about which a row says nothing. */
    readonly defaults: ReadonlyMap<string, string>
    /** An empty cell clears a field; otherwise it leaves it alone. */
    readonly clearEmpty: boolean
    /** Each battery belongs to the product of its own model, made where it is missing. */
    readonly createProducts: boolean
  }

export function readImport(
  args: Words,
  environment: Environment,
): ImportCommand | (Output & { name: 'help'; topic: string }) {
  const { values, positionals } = read(args, {
    ...edgeOption,
    batteries: { type: 'boolean', default: false },
    products: { type: 'boolean', default: false },
    'dry-run': { type: 'boolean', default: false },
    'clear-empty': { type: 'boolean', default: false },
    'create-products': { type: 'boolean', default: false },
    set: { type: 'string', multiple: true, default: [] },
    ...tokenOption,
  })
  if (values.help) return { name: 'help', topic: 'import', ...outputOf(values) }
  const [path, ...rest] = positionals
  if (path === undefined || rest.length > 0) throw usage('import takes one FILE')
  if (values.batteries && values.products) throw usage('--batteries and --products exclude each other')
  return {
    name: 'import',
    ...outputOf(values),
    edge: edgeUrl(values.edge ?? environment['VOLTDROP_EDGE']),
    path,
    catalogue: values.batteries ? 'batteries' : values.products ? 'products' : undefined,
    dryRun: values['dry-run'],
    defaults: assignments('--set', values.set),
    clearEmpty: values['clear-empty'],
    createProducts: values['create-products'],
    ...tokenSource(values, environment),
  }
}
