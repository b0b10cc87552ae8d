/** The options of every command. */
import type { OptionTable, Values } from '../option-table.ts'

/** How a command prints. */
export const outputOptions = {
  json: { name: 'json', help: 'print events as one JSON object a line on stdout' },
  quiet: {
    name: 'quiet',
    short: 'q',
    help: 'print only the code (alone on stdout), faults and errors; with --json, everything but progress',
  },
  debug: { name: 'debug', help: 'print the causes of errors on stderr' },
} as const satisfies OptionTable

/** How the agent prints: for people, as JSON events, or almost nothing. */
export type Output = Values<typeof outputOptions>

/** These print something instead of running the command. */
export const askOptions = {
  help: { name: 'help', short: 'h', help: 'print the help of the command' },
  version: { name: 'version', short: 'V', help: 'print the version' },
} as const satisfies OptionTable

export const commonOptions = { ...outputOptions, ...askOptions } as const satisfies OptionTable

/** Read by the terminal itself, before any command line is parsed. */
export const terminalVariables = {
  NO_COLOR: 'set to anything: print without colours',
  TERM: "'dumb': print without colours and progress bar",
} as const
