/**
 * Prints events: as lines and a progress bar for people on stderr, or as NDJSON on stdout. Outside text that an event carries is
 * escaped here, and nowhere else is anything written.
 */
import { escapeJson, escapeText } from './escape.ts'
import type { Output } from '../command-line/arguments.ts'
import { type AgentEvent, EVENTS_VERSION } from './events.ts'
import { bar, formatBytes, formatDuration, percent } from './progress.ts'

/** A stream to write to: process.stdout, process.stderr or a test's memory. */
export interface Sink {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

export interface Terminal {
  /** Prints the event. Progress may be reported as often as it comes: what is shown is thinned out here. */
  report(event: AgentEvent): void
  /** Removes a progress line that is on the screen, before a prompt or the end. */
  clear(): void
}

export type TerminalOptions = {
  readonly output: Output
  readonly stdout: Sink
  readonly stderr: Sink
  /** NO_COLOR and TERM=dumb are obeyed. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Monotonic milliseconds. */
  readonly now: () => number
}

/** Redraws of the bar, and JSON progress events, come at most this often. */
const REDRAW_MS = 100
const JSON_PROGRESS_MS = 500
/** Without a terminal a progress line comes every tenth of the file, or after this long. */
const SPARSE_STEP_PERCENT = 10
const SPARSE_MS = 15_000
const BAR_WIDTH = 12
/** Labels are aligned in this column. */
const LABEL_WIDTH = 11

export function createTerminal(options: TerminalOptions): Terminal {
  return options.output.json ? new JsonTerminal(options) : new PeopleTerminal(options)
}

class JsonTerminal implements Terminal {
  readonly #options: TerminalOptions
  #lastProgressMs = Number.NEGATIVE_INFINITY

  constructor(options: TerminalOptions) {
    this.#options = options
  }

  report(event: AgentEvent): void {
    if (event.t === 'progress' || event.t === 'import_progress') {
      const nowMs = this.#options.now()
      if (nowMs - this.#lastProgressMs < JSON_PROGRESS_MS && progressOf(event) < event.total) return
      this.#lastProgressMs = nowMs
    }
    this.#options.stdout.write(`${escapeJson({ v: EVENTS_VERSION, ...event })}\n`)
  }

  clear(): void {}
}

class PeopleTerminal implements Terminal {
  readonly #options: TerminalOptions
  readonly #redraws: boolean
  readonly #colours: boolean
  #lineShown = false
  #shownPercent = 0
  #shownMs = Number.NEGATIVE_INFINITY

  constructor(options: TerminalOptions) {
    this.#options = options
    const dumb = options.environment['TERM'] === 'dumb'
    this.#redraws = options.stderr.isTTY === true && !dumb
    this.#colours = this.#redraws && (options.environment['NO_COLOR'] ?? '') === ''
  }

  report(event: AgentEvent): void {
    if (event.t === 'progress' || event.t === 'import_progress') {
      this.#progress(event)
      return
    }
    const needed = event.t === 'code' || event.t === 'error' || (event.t === 'fault' && !event.remark)
    if (this.#options.output.quiet && !needed) return
    this.clear()
    this.#options.stderr.write(linesFor(event, (style, text) => this.#paint(style, text)))
  }

  clear(): void {
    if (!this.#lineShown) return
    this.#lineShown = false
    this.#options.stderr.write('\r\u001b[K')
  }

  #progress(event: Progress): void {
    if (this.#options.output.quiet) return
    const nowMs = this.#options.now()
    const done = percent(progressOf(event), event.total)
    const sinceMs = nowMs - this.#shownMs
    if (this.#redraws) {
      if (sinceMs < REDRAW_MS && done < 100) return
      this.#lineShown = true
      const columns = this.#options.stderr.columns || 80
      // Kept within the screen's width: a line that wraps could not be redrawn in place.
      this.#options.stderr.write(`\r\u001b[K${progressLine(event, columns - 1)}`)
    } else {
      const step = done >= this.#shownPercent + SPARSE_STEP_PERCENT
      if (this.#shownMs === Number.NEGATIVE_INFINITY) {
        this.#shownMs = nowMs
        return
      }
      if (!step && sinceMs < SPARSE_MS) return
      this.#options.stderr.write(`${progressLine(event, undefined)}\n`)
      this.#shownPercent = done
    }
    this.#shownMs = nowMs
  }

  #paint(style: Style, text: string): string {
    return this.#colours ? `\u001b[${styles[style]}m${text}\u001b[0m` : text
  }
}

const styles = { strong: 1, good: 32, bad: 31 } as const
type Style = keyof typeof styles
type Paint = (style: Style, text: string) => string

function line(label: string, text: string): string {
  return `  ${label.padEnd(LABEL_WIDTH)}${text}\n`
}

type Progress = AgentEvent & { t: 'progress' | 'import_progress' }

/** Bytes or rows that are done. */
function progressOf(event: Progress): number {
  return event.t === 'progress' ? event.bytes : event.rows
}

/** One line of at most `columns` characters; `undefined`: not on a screen, so without a bar, of any length. */
function progressLine(event: Progress, columns: number | undefined): string {
  const done = progressOf(event)
  const share = `${String(percent(done, event.total)).padStart(3)} %`
  const drawn = bar(event.total === 0 ? 1 : done / event.total, BAR_WIDTH)
  const { label, amount, pace } = event.t === 'progress' ? transferred(event) : imported(event)
  function laid(...parts: string[]): string {
    return `  ${label.padEnd(LABEL_WIDTH)}${parts.join('  ')}`
  }
  if (columns === undefined) return laid(share, amount, ...pace)
  // On a narrow screen the bar makes way first, then the amount: how fast and how long is worth more.
  const layouts = [laid(drawn, share, amount, ...pace), laid(share, amount, ...pace), laid(share, ...pace)]
  return layouts.find((text) => text.length <= columns) ?? laid(share).slice(0, columns)
}

function transferred(event: AgentEvent & { t: 'progress' }) {
  const left = event.bytes < event.total ? event.eta_seconds : undefined
  return {
    label: event.role === 'sender' ? 'sending' : 'receiving',
    amount: `${formatBytes(event.bytes)} of ${formatBytes(event.total)}`,
    pace: [
      `${formatBytes(event.bytes_per_second)}/s`,
      ...(left === undefined ? [] : [`ETA ${formatDuration(left)}`]),
    ],
  }
}

function imported(event: AgentEvent & { t: 'import_progress' }) {
  return {
    label: 'importing',
    amount: `${event.rows} of ${event.total} rows`,
    pace: [`${event.rows_per_second}/s`],
  }
}

/** The lines that tell a person about `event`; whole lines only. */
function linesFor(event: Exclude<AgentEvent, Progress>, paint: Paint): string {
  switch (event.t) {
    case 'code':
      return line('code', paint('strong', event.code)) + line('receive', event.receive)
    case 'waiting':
      return line(
        'waiting',
        `for the other side${event.expires_in_seconds === undefined ? '' : ` (expires in ${formatDuration(event.expires_in_seconds)})`}`,
      )
    case 'peer':
      return line('peer', `joined, code confirmed · verify  ${event.verify}`)
    case 'path':
      return line(
        'path',
        `${event.kind} (${event.protocol}${event.rtt_ms === undefined ? '' : `, ${formatMs(event.rtt_ms)}`})`,
      )
    case 'offer':
      return line(
        event.role === 'sender' ? 'offering' : 'offered',
        `${escapeText(event.name)}, ${formatBytes(event.bytes)}`,
      )
    case 'done':
      return doneLines(event, paint)
    case 'exported':
      return (
        line(
          'exported',
          `${escapeText(event.path)}, ${formatBytes(event.bytes)}, ${event.rows} rows, revision ${event.revision}`,
        ) + line('', `sha256 ${event.sha256}  crc32 ${event.crc32}`)
      )
    case 'fault':
      return line(
        event.remark ? 'remark' : 'fault',
        `line ${event.line}${event.column === undefined ? '' : `, ${escapeText(event.column)}`}: ${escapeText(event.text)}`,
      )
    case 'checked':
      return line(
        'checked',
        `${event.rows} rows, ${event.faulty_rows} of them with ${event.faults} faults; ${event.remarks} remarks`,
      )
    case 'imported':
      return line(
        event.dry_run ? 'would do' : 'imported',
        `${event.created} created, ${event.updated} updated, ${event.unchanged} unchanged, revision ${event.revision}`,
      )
    case 'listening':
      return (
        line('edge', paint('strong', event.url)) +
        line('data', escapeText(event.data)) +
        line('writing', event.writable ? 'with your token' : 'off; VOLTDROP_TOKEN or --token-file allows it')
      )
    case 'warning':
      return line('note', escapeText(event.text))
    case 'error':
      return errorLines(event, paint)
  }
}

function doneLines(event: AgentEvent & { t: 'done' }, paint: Paint): string {
  const done = event.role === 'sender' ? 'verified by receiver' : `saved ${escapeText(event.name)}, verified`
  const pace = `${formatBytes(event.bytes)} in ${formatElapsed(event.seconds)}, ${formatBytes(event.bytes_per_second)}/s`
  return (
    line('done', paint('good', done)) +
    line('', `sha256 ${event.sha256}`) +
    line('', `crc32 ${event.crc32}  ${pace}`)
  )
}

function errorLines(event: AgentEvent & { t: 'error' }, paint: Paint): string {
  const detail = event.detail === undefined ? '' : ` (${escapeText(event.detail)})`
  return `${paint('bad', 'voltdrop:')} ${event.says}${detail}\n${' '.repeat('voltdrop: '.length)}${event.next}\n`
}

/** `33 ms`, `4.2 s`, `12:30`. */
function formatElapsed(seconds: number): string {
  if (seconds < 1) return formatMs(seconds * 1000)
  return seconds < 60 ? `${seconds.toFixed(1)} s` : formatDuration(seconds)
}

function formatMs(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
}
