/** Chooses how events are printed. */
import { JsonTerminal } from './json-terminal.ts'
import type { Terminal, TerminalOptions } from './terminal.ts'
import { TextTerminal } from './text-terminal.ts'

export function createTerminal(options: TerminalOptions): Terminal {
  return options.output.json ? new JsonTerminal(options) : new TextTerminal(options)
}
