/** The command line of `voltdrop export`. */
import { defineCommand } from '../define-command.ts'
import { exportResource } from '../option-values.ts'
import {
  catalogueOptions,
  edgeOption,
  exportRequest,
  networkSettings,
  outOption,
  type WithEdge,
} from './shared-options.ts'

export const exportOptions = defineCommand({
  name: 'export',
  summary: 'fetch the batteries or products as a file',
  takes: 'batteries or products',
  description:
    'Fetches the catalogue as a file, verifies it against the checksums of the edge, and writes NAME.manifest.json beside it.',
  positionals: {
    catalogue: {
      argument: 'CATALOGUE',
      required: true,
      parse: exportResource,
      help: 'batteries or products',
    },
  },
  options: { ...catalogueOptions, ...outOption, ...edgeOption },
  settings: networkSettings,
  examples: [
    {
      line: 'voltdrop export batteries --format ndjson --filter kind=cell',
      help: 'every cell, one JSON object a line',
    },
  ],
  build(values) {
    const { catalogue, edge, edgeHeaders, out } = values
    return { edge, edgeHeaders, request: exportRequest(catalogue, values), out }
  },
})

export type ExportCommand = WithEdge<ReturnType<typeof exportOptions.read>>
