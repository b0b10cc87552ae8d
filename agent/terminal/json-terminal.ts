/** Prints events for programs: one JSON object a line on stdout. --quiet leaves out progress. */
import { escapeJson } from './escape.ts'
import { type AgentEvent, EVENTS_VERSION } from './events.ts'
import { amountDone, isProgress } from './progress-line.ts'
import type { Terminal, TerminalOptions } from './terminal.ts'

/** Progress events come at most this often; the last one always. */
const JSON_PROGRESS_MS = 500

export class JsonTerminal implements Terminal {
  readonly #options: TerminalOptions
  #lastProgressMs = Number.NEGATIVE_INFINITY

  constructor(options: TerminalOptions) {
    this.#options = options
  }

  report(event: AgentEvent): void {
    const { stdout, writeProgress } = this.#options
    if (isProgress(event)) {
      if (this.#options.output.quiet) return
      const nowMs = this.#options.now()
      if (nowMs - this.#lastProgressMs < JSON_PROGRESS_MS && amountDone(event) < event.total) return
      this.#lastProgressMs = nowMs
    }
    const line = `${escapeJson({ v: EVENTS_VERSION, ...event })}\n`
    if (isProgress(event) && writeProgress) writeProgress(line)
    else stdout.write(line)
  }

  clear(): void {}
}
