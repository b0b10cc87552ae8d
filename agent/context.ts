/** What main hands to every command: the screen, the person if there is one, the environment, and the interruption. */
import type { Environment } from './command-line/arguments.ts'
import type { Keyboard } from './terminal/prompt.ts'
import type { Terminal } from './terminal/terminal.ts'

export type Context = {
  readonly terminal: Terminal
  /** Set when a person can be asked: standard input and standard error are a terminal, and nobody wants NDJSON. */
  readonly keyboard: Keyboard | undefined
  readonly input: AsyncIterable<string | Uint8Array>
  /** Text that is the result itself (help, version), for stdout. */
  readonly print: (text: string) => void
  readonly environment: Environment
  /** Aborted by Ctrl-C and SIGTERM: finish what must be cleaned up, tell the other side, end with `cancelled`. */
  readonly signal: AbortSignal
}
