/** What a command reports its events to, for people or as JSON. */
import type { Output } from '../command-line/arguments.ts'
import type { Write } from '../files/droppable-writes.ts'
import type { AgentEvent } from './events.ts'

/** A stream to write to: process.stdout, process.stderr or a test's memory. */
export interface Sink {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

export interface Terminal {
  /** Prints the event. Progress may be reported for every chunk: the terminal decides what is shown. */
  report(event: AgentEvent): void
  /** Removes a progress line from the screen, before a prompt or the end. */
  clear(): void
}

export type TerminalOptions = {
  readonly output: Output
  readonly stdout: Sink
  readonly stderr: Sink
  /** Where progress goes, which may be lost when the reader does not keep up. Absent: to stdout as JSON, to stderr as text. */
  readonly writeProgress?: Write | undefined
  /** NO_COLOR and TERM=dumb are obeyed. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Monotonic milliseconds. */
  readonly now: () => number
}
