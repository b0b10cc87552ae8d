/** Prints events for people: lines, and a countdown or a progress bar that is redrawn in place, on stderr. */
import { Countdown } from './countdown.ts'
import { type Style, textLines, waitingLine } from './event-text.ts'
import { type AgentEvent, isAnswer } from './events.ts'
import { percent } from './human-units.ts'
import { amountDone, isProgress, type ProgressEvent, progressLine } from './progress-line.ts'
import type { Terminal, TerminalOptions } from './terminal.ts'

/** The bar is redrawn at most this often. */
const REDRAW_MS = 100
/** Where nothing can be redrawn, a progress line comes every tenth of the file, or after this long. */
const SPARSE_STEP_PERCENT = 10
const SPARSE_MS = 15_000
/** Assumed where the terminal does not report its width. */
const DEFAULT_COLUMNS = 80

/** Select Graphic Rendition parameters (ECMA-48 section 8.3.117). */
const sgr: Record<Style, number> = { strong: 1, good: 32, bad: 31 }

type LineEvent = Parameters<typeof textLines>[0]

export class TextTerminal implements Terminal {
  readonly #options: TerminalOptions
  readonly #redraws: boolean
  readonly #colours: boolean
  #lineShown = false
  #shownPercent = 0
  #shownMs = Number.NEGATIVE_INFINITY
  /** Runs while the other side is waited for. */
  #countdown: Countdown | undefined

  constructor(options: TerminalOptions) {
    this.#options = options
    const dumb = options.environment['TERM'] === 'dumb'
    this.#redraws = options.stderr.isTTY === true && !dumb
    this.#colours = this.#redraws && (options.environment['NO_COLOR'] ?? '') === ''
  }

  report(event: AgentEvent): void {
    if (isProgress(event)) {
      if (!this.#options.output.quiet) this.#progress(event)
      return
    }
    if (isAnswer(event)) {
      this.#options.stdout.write(event.t === 'help' ? event.text : `voltdrop ${event.version}\n`)
      return
    }
    if (this.#options.output.quiet && !this.#isNeeded(event)) return
    if (event.t === 'warning' && this.#countdown) return this.#printAbove(event)
    this.clear()
    if (event.t === 'waiting' && event.expires_in_seconds !== undefined && this.#redraws)
      this.#countdown = new Countdown(event.expires_in_seconds, this.#options.now, (left) =>
        this.#redraw(waitingLine(left, this.#columns() - 1)),
      )
    else this.#options.stderr.write(this.#lines(event))
  }

  /** With --quiet. The code is also its result: alone on standard output, for the next program. */
  #isNeeded(event: LineEvent): boolean {
    if (event.t === 'code') this.#options.stdout.write(`${event.code}\n`)
    return event.t === 'error' || (event.t === 'fault' && !event.remark)
  }

  clear(): void {
    this.#countdown?.stop()
    this.#countdown = undefined
    this.#erase()
  }

  /** The countdown goes on below the lines of `event`. */
  #printAbove(event: LineEvent): void {
    this.#erase()
    this.#options.stderr.write(this.#lines(event))
    this.#countdown?.show()
  }

  #lines(event: LineEvent, columns = this.#columns()): string {
    return textLines(event, (style, text) => this.#paint(style, text), columns)
  }

  /** Kept within the screen's width: a line that wraps could not be redrawn in place. */
  #redraw(line: string): void {
    this.#lineShown = true
    this.#writeProgress(`\r\u001b[K${line.slice(0, this.#columns() - 1)}`)
  }

  #erase(): void {
    if (!this.#lineShown) return
    this.#lineShown = false
    this.#options.stderr.write('\r\u001b[K')
  }

  #progress(event: ProgressEvent): void {
    const nowMs = this.#options.now()
    const done = percent(amountDone(event), event.total)
    const sinceMs = nowMs - this.#shownMs
    if (this.#redraws) {
      if (sinceMs < REDRAW_MS && done < 100) return
      this.#redraw(progressLine(event, this.#columns() - 1))
    } else {
      const step = done >= this.#shownPercent + SPARSE_STEP_PERCENT
      // The first event only starts the time: a short transfer needs no progress line.
      if (this.#shownMs === Number.NEGATIVE_INFINITY) {
        this.#shownMs = nowMs
        return
      }
      if (!step && sinceMs < SPARSE_MS) return
      this.#writeProgress(`${progressLine(event, undefined)}\n`)
      this.#shownPercent = done
    }
    this.#shownMs = nowMs
  }

  #writeProgress(text: string): void {
    const { writeProgress, stderr } = this.#options
    if (writeProgress) writeProgress(text)
    else stderr.write(text)
  }

  /** Where nothing is shown on a screen, such as in a log, lines have any length. */
  #columns(): number {
    if (this.#options.stderr.isTTY !== true) return Infinity
    return this.#options.stderr.columns || DEFAULT_COLUMNS
  }

  #paint(style: Style, text: string): string {
    return this.#colours ? `\u001b[${sgr[style]}m${text}\u001b[0m` : text
  }
}
