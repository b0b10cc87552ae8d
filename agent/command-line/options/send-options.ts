/** The command line of `voltdrop send`. */
import { DEFAULT_WORDS, MAX_WORDS, MIN_WORDS } from '../../../protocol/meeting/phrase.ts'
import { defineCommand } from '../define-command.ts'
import { pickValues, type Values } from '../option-table.ts'
import { usage, wordCount } from '../option-values.ts'
import {
  catalogueFilters,
  catalogueOptions,
  type ExportRequest,
  exportRequest,
  networkSettings,
  outOption,
  resourceOf,
  resourceOptions,
  routeOptions,
  type WithEdge,
} from './shared-options.ts'

const TAKES = 'one FILE, or --batteries, or --products'

type Source = { readonly path: string } | ExportRequest

export const sendOptions = defineCommand({
  name: 'send',
  summary: 'offer a file, or the catalogue; prints the code for the other side',
  takes: TAKES,
  usage: ['FILE', '--batteries|--products [FILTERS]'],
  description:
    'Opens a room on the edge, prints its code, and sends the file to the one who knows the code. It ends with 0 only when the receiver has saved the file and its checksums are equal.',
  positionals: {
    path: { argument: 'FILE', help: 'the file to send' },
  },
  options: {
    ...resourceOptions,
    ...catalogueOptions,
    ...outOption,
    words: {
      name: 'words',
      argument: 'N',
      parse: wordCount,
      default: String(DEFAULT_WORDS),
      help: `words in the code, ${MIN_WORDS} to ${MAX_WORDS}; 6 for machines that run unattended`,
    },
    ...routeOptions,
  },
  sections: [
    {
      heading: 'To send the catalogue of the edge instead of a file',
      options: { ...resourceOptions, ...catalogueOptions, ...outOption },
    },
    { heading: 'How the two sides reach each other', options: routeOptions },
  ],
  settings: networkSettings,
  examples: [
    { line: 'voltdrop send photo.raw', help: 'prints a code; tell it to the other person' },
    {
      line: 'voltdrop send --batteries --chemistry LFP --format parquet',
      help: 'fetches the LFP cells of the edge as a file and sends it',
    },
  ],
  build(values, typed) {
    const { path, out, words } = values
    const isFiltered = catalogueFilters(values).length > 0 || typed.has('format') || typed.has('out')
    if (path !== undefined && !values.batteries && !values.products && isFiltered)
      throw usage('--format, --out and filters belong to --batteries or --products')
    return { ...pickValues(routeOptions, values), source: sourceOf(path, values), out, words }
  },
})

function sourceOf(
  path: string | undefined,
  values: Values<typeof resourceOptions> & Values<typeof catalogueOptions>,
): Source {
  const catalogue = resourceOf(values)
  if (path !== undefined && catalogue === undefined) return { path }
  if (path === undefined && catalogue !== undefined) return exportRequest(catalogue, values)
  throw usage(`send takes ${TAKES}`)
}

export type SendCommand = WithEdge<ReturnType<typeof sendOptions.read>>
