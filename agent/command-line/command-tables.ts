/** Every command of the program. */
import { defineCommand } from './define-command.ts'
import { configOptions } from './options/config-options.ts'
import { edgeOptions } from './options/edge-options.ts'
import { exportOptions } from './options/export-options.ts'
import { importOptions } from './options/import-options.ts'
import { receiveOptions } from './options/receive-options.ts'
import { sendOptions } from './options/send-options.ts'

const helpOptions = defineCommand({
  name: 'help',
  summary: 'print the options of a command',
  takes: 'at most one COMMAND',
  description: 'Prints what a command takes; without COMMAND, the list of commands.',
  positionals: { topic: { argument: 'COMMAND', help: 'the command' } },
  options: {},
  examples: [{ line: 'voltdrop help send', help: 'the same as voltdrop send --help' }],
  build: ({ topic }) => ({ topic }),
})

const versionOptions = defineCommand({
  name: 'version',
  summary: 'print the version',
  takes: 'options only',
  description: 'Prints the version of the program; the same as voltdrop --version.',
  positionals: {},
  options: {},
  examples: [],
  build: () => ({}),
})

/** In the order in which help lists them. */
export const commandTables = [
  sendOptions,
  receiveOptions,
  exportOptions,
  importOptions,
  edgeOptions,
  configOptions,
  helpOptions,
  versionOptions,
] as const

/** The parsed line of any command, told apart by `name`. */
export type Command = ReturnType<(typeof commandTables)[number]['read']>
