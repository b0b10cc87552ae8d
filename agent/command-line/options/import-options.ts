/** The command line of `voltdrop import`. */
import { defineCommand } from '../define-command.ts'
import { assignment } from '../option-values.ts'
import {
  edgeOption,
  networkSettings,
  resourceOf,
  resourceOptions,
  tokenOptions,
  type WithEdge,
} from './shared-options.ts'

export const importOptions = defineCommand({
  name: 'import',
  summary: 'add and update rows of the catalogue from a file',
  takes: 'one FILE',
  description:
    'FILE is CSV (comma, semicolon or tab; decimal point or comma) or NDJSON, in UTF-8. Its columns are those of the edge\'s export, with any unit (nominal_voltage_v, "Mass (g)"). Every row is checked before anything is sent; rows that exist are updated. Without --batteries or --products, a column sku makes the rows products.',
  positionals: {
    path: { argument: 'FILE', required: true, help: 'the file to import' },
  },
  options: {
    batteries: { ...resourceOptions.batteries, help: 'the rows are batteries' },
    products: { ...resourceOptions.products, help: 'the rows are products' },
    dryRun: {
      name: 'dry-run',
      help: 'check only; with a token, also ask the edge what it would do',
    },
    defaults: {
      name: 'set',
      argument: 'NAME=VALUE',
      parse: assignment,
      repeatable: true,
      help: 'for every row that gives no NAME, such as kind=cell',
    },
    clearEmpty: {
      name: 'clear-empty',
      help: 'an empty cell clears the field; otherwise it leaves the field unchanged',
    },
    createProducts: {
      name: 'create-products',
      help: 'give each battery the product of its own model, and create it where it is missing; needed for new batteries of a file that names no products',
    },
    ...tokenOptions,
    ...edgeOption,
    insecureEdge: {
      name: 'insecure-edge',
      help: 'send the token to an edge on this machine that does not prove that it knows it (wrangler dev)',
    },
  },
  settings: networkSettings,
  examples: [
    {
      line: 'voltdrop import cells.csv --dry-run --set kind=cell',
      help: 'checks the file and prints every fault by line and column',
    },
  ],
  build(values) {
    const { batteries: _, products: __, ...rest } = values
    return { ...rest, catalogue: resourceOf(values), defaults: new Map(values.defaults) }
  },
})

export type ImportCommand = WithEdge<ReturnType<typeof importOptions.read>>
