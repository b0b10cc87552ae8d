/** The line that shows how far a transfer or an import is. */
import type { AgentEvent } from './events.ts'
import { formatBytes, formatDuration, percent } from './human-units.ts'

export type ProgressEvent = Extract<AgentEvent, { t: 'progress' | 'import_progress' }>

const BAR_WIDTH = 12
const LABEL_WIDTH = 11
/** What follows a label starts in this column of the line. */
export const TEXT_COLUMN = 2 + LABEL_WIDTH

/** `text` behind its label, as every line for people begins. */
export function labelled(label: string, text: string): string {
  return `  ${label.padEnd(LABEL_WIDTH)}${text}`
}

export function isProgress(event: AgentEvent): event is ProgressEvent {
  return event.t === 'progress' || event.t === 'import_progress'
}

/** Bytes or rows that are done. */
export function amountDone(event: ProgressEvent): number {
  return event.t === 'progress' ? event.bytes : event.rows
}

/** One line of at most `columns` characters. Undefined: not on a screen, so without a bar and of any length. */
export function progressLine(event: ProgressEvent, columns: number | undefined): string {
  const done = amountDone(event)
  const share = `${String(percent(done, event.total)).padStart(3)} %`
  const drawn = bar(event.total === 0 ? 1 : done / event.total, BAR_WIDTH)
  const { label, amount, pace } = event.t === 'progress' ? transferred(event) : imported(event)
  function layout(...parts: string[]): string {
    return labelled(label, parts.join('  '))
  }
  if (columns === undefined) return layout(share, amount, ...pace)
  // On a narrow screen the bar is dropped first, then the amount: rate and remaining time are worth more.
  const layouts = [
    layout(drawn, share, amount, ...pace),
    layout(share, amount, ...pace),
    layout(share, ...pace),
  ]
  return layouts.find((text) => text.length <= columns) ?? layout(share).slice(0, columns)
}

/** A bar of `width` characters for `share` 0 to 1. */
function bar(share: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width)
  return '█'.repeat(full) + '░'.repeat(width - full)
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
