/** Each event as whole lines for people. Text from outside that an event carries is escaped here. */
import { escapeText } from './escape.ts'
import type { AgentEvent } from './events.ts'
import { formatBytes, formatCount, formatDuration, formatElapsed, formatMs } from './human-units.ts'
import { labelled, type ProgressEvent } from './progress-line.ts'

export type Style = 'strong' | 'good' | 'bad'
type Paint = (style: Style, text: string) => string

function line(label: string, text: string): string {
  return `${labelled(label, text)}\n`
}

/** The lines that tell a person about `event`. */
export function textLines(event: Exclude<AgentEvent, ProgressEvent>, paint: Paint): string {
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
      return exportedLines(event)
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
        `${event.created} created, ${event.updated} updated, ${event.unchanged} unchanged${productsCreated(event)}, revision ${event.revision}`,
      )
    case 'listening':
      return listeningLines(event, paint)
    case 'warning':
      return line('note', escapeText(event.text))
    case 'error':
      return errorLines(event, paint)
  }
}

function productsCreated({ products_created: count }: AgentEvent & { t: 'imported' }): string {
  return count === 0 ? '' : `, with ${formatCount(count, 'new product')}`
}

function exportedLines(event: AgentEvent & { t: 'exported' }): string {
  return (
    line(
      'exported',
      `${escapeText(event.path)}, ${formatBytes(event.bytes)}, ${formatCount(event.rows, 'row')}, revision ${event.revision}`,
    ) + sumLines(event)
  )
}

function listeningLines(event: AgentEvent & { t: 'listening' }, paint: Paint): string {
  return (
    line('edge', paint('strong', event.url)) +
    line('data', escapeText(event.data)) +
    line('writing', event.writable ? 'with your token' : 'off; VOLTDROP_TOKEN or --token-file allows it')
  )
}

function doneLines(event: AgentEvent & { t: 'done' }, paint: Paint): string {
  const done = event.role === 'sender' ? 'verified by receiver' : `saved ${escapeText(event.name)}, verified`
  const pace = `${formatBytes(event.bytes)} in ${formatElapsed(event.seconds)}, ${formatBytes(event.bytes_per_second)}/s`
  return line('done', paint('good', done)) + sumLines(event) + line('moved', pace)
}

/** A label each: behind a shared one a SHA-256 would not fit into 80 columns. */
function sumLines({ sha256, crc32 }: { readonly sha256: string; readonly crc32: string }): string {
  return line('sha256', sha256) + line('crc32', crc32)
}

function errorLines(event: AgentEvent & { t: 'error' }, paint: Paint): string {
  const detail = event.detail === undefined ? '' : ` (${escapeText(event.detail)})`
  return `${paint('bad', 'voltdrop:')} ${event.says}${detail}\n${' '.repeat('voltdrop: '.length)}${event.next}\n`
}
