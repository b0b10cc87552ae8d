/** What main hands to every command: terminal, keyboard, streams, environment, and the signal that interrupts it. */
import type { Environment } from './command-line/arguments.ts'
import type { Keyboard } from './terminal/prompt.ts'
import type { Terminal } from './terminal/terminal.ts'

export type Context = {
  readonly terminal: Terminal
  /** Set when a person can be asked: standard input and standard error are a terminal, and --json is not given. */
  readonly keyboard: Keyboard | undefined
  readonly input: AsyncIterable<string | Uint8Array>
  readonly environment: Environment
  /** Aborted by Ctrl-C, SIGTERM and SIGHUP: clean up, tell the other side, and fail with `cancelled`. */
  readonly signal: AbortSignal
}
