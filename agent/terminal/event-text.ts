/** Each event as whole lines for people. Text from outside that an event carries is escaped here. */
import { escapeText } from './escape.ts'
import type { AgentEvent, Answer, Role } from './events.ts'
import { formatBytes, formatCount, formatDuration, formatElapsed, formatMs } from './human-units.ts'
import { labelled, type ProgressEvent, TEXT_COLUMN } from './progress-line.ts'
import { wrapText } from './wrap-text.ts'

export type Style = 'strong' | 'good' | 'bad'
type Paint = (style: Style, text: string) => string

/** What is said about an event: a label and a text for each line. */
type Said = readonly (readonly [label: string, text: string])[]

/** The lines that tell a person about `event`, broken between words where they are longer than `columns`. */
export function textLines(
  event: Exclude<AgentEvent, ProgressEvent | Answer>,
  paint: Paint,
  columns: number,
): string {
  if (event.t === 'error') return errorLines(event, paint, columns)
  return said(event, paint)
    .map(([label, text]) => `${labelled(label, wrapText(text, TEXT_COLUMN, columns))}\n`)
    .join('')
}

function said(event: Exclude<AgentEvent, ProgressEvent | Answer | { t: 'error' }>, paint: Paint): Said {
  switch (event.t) {
    case 'code':
      return codeLines(event, paint)
    case 'waiting':
      return [['waiting', `for the other side${expiry(event.expires_in_seconds)}`]]
    case 'peer':
      return [['peer', `joined, code confirmed · verify  ${event.verify}`]]
    case 'path':
      return [['path', `${event.kind} (${event.protocol}${roundTrip(event.rtt_ms)})`]]
    case 'offer':
      return offerLines(event)
    case 'done':
      return doneLines(event, paint)
    case 'exported':
      return exportedLines(event)
    case 'fault':
      return [[event.remark ? 'remark' : 'fault', `${place(event)}: ${escapeText(event.text)}`]]
    case 'checked':
      return [['checked', checkedText(event)]]
    case 'imported':
      return [
        [
          event.dry_run ? 'would do' : 'imported',
          `${event.created} created, ${event.updated} updated, ${event.unchanged} unchanged${productsCreated(event)}, revision ${event.revision}`,
        ],
      ]
    case 'listening':
      return listeningLines(event, paint)
    case 'config':
      return configLines(event)
    case 'warning':
      return [['note', escapeText(event.text)]]
  }
}

function codeLines(event: AgentEvent & { t: 'code' }, paint: Paint): Said {
  return [
    ['code', paint('strong', event.code)],
    ['receive', event.receive],
    ...(event.this_machine_only
      ? [['for', 'this machine only: under that address no other reaches the edge'] as const]
      : []),
  ]
}

/** The wait for the other side in one line, for a screen of this width. */
export function waitingLine(secondsLeft: number, columns: number): string {
  const line = labelled('waiting', `for the other side${expiry(secondsLeft)}`)
  return line.length <= columns ? line : labelled('waiting', formatDuration(secondsLeft))
}

function expiry(seconds: number | undefined): string {
  return seconds === undefined ? '' : ` (expires in ${formatDuration(seconds)})`
}

function productsCreated({ products_created: count }: AgentEvent & { t: 'imported' }): string {
  return count === 0 ? '' : `, with ${formatCount(count, 'new product')}`
}

function roundTrip(ms: number | undefined): string {
  return ms === undefined ? '' : `, ${formatMs(ms)}`
}

function configLines({ edge, file }: AgentEvent & { t: 'config' }): Said {
  const text = edge === undefined ? 'none; voltdrop config edge URL remembers one' : escapeText(edge)
  return [
    ['edge', text],
    ['file', escapeText(file)],
  ]
}

function offerLines(event: AgentEvent & { t: 'offer' }): Said {
  const { role, own_name, save_as } = event
  return [
    [role === 'sender' ? 'offering' : 'offered', offerText(event)],
    ...(own_name === undefined ? [] : [['renamed', renamedText(role, own_name)] as const]),
    ...(save_as === undefined ? [] : [['save as', escapeText(save_as)] as const]),
  ]
}

function renamedText(role: Role, ownName: string): string {
  const name = escapeText(ownName)
  const from = role === 'sender' ? `from ${name}` : `it is ${name} at the sender`
  return `${from}, which is not a safe name everywhere`
}

/** A file as it is offered. */
export function offerText({ name, bytes }: { readonly name: string; readonly bytes: number }): string {
  return `${escapeText(name)}, ${formatBytes(bytes)}`
}

function place({ line, column }: AgentEvent & { t: 'fault' }): string {
  return column === undefined ? `line ${line}` : `line ${line}, ${escapeText(column)}`
}

function checkedText(event: AgentEvent & { t: 'checked' }): string {
  const rows = formatCount(event.rows, 'row')
  const where = event.rows === 1 ? '' : ` in ${formatCount(event.faulty_rows, 'row')}`
  const faults = `${formatCount(event.faults, 'fault')}${event.faults === 0 ? '' : where}`
  return [rows, faults, ...(event.remarks === 0 ? [] : [formatCount(event.remarks, 'remark')])].join(', ')
}

function exportedLines(event: AgentEvent & { t: 'exported' }): Said {
  const rows = formatCount(event.rows, 'row')
  const text = `${escapeText(event.path)}, ${formatBytes(event.bytes)}, ${rows}, revision ${event.revision}`
  return [['exported', text], ...sumLines(event)]
}

function listeningLines(event: AgentEvent & { t: 'listening' }, paint: Paint): Said {
  return [
    ['edge', paint('strong', event.url)],
    ...othersLines(event),
    ['data', escapeText(event.data)],
    ['writing', event.writable ? 'with your token' : 'off; VOLTDROP_TOKEN or --token-file allows it'],
  ]
}

/** Who else reaches an edge. */
function othersLines({ url, others }: AgentEvent & { t: 'listening' }): Said {
  if (others.length === 0) return [['for', 'this machine only; --host 0.0.0.0 lets others in']]
  if (others.length === 1 && others[0] === url) return []
  return others.map((one) => ['others', escapeText(one)] as const)
}

function doneLines(event: AgentEvent & { t: 'done' }, paint: Paint): Said {
  const done =
    event.path === undefined ? 'verified by receiver' : `verified, saved as ${escapeText(event.path)}`
  const pace = `${formatBytes(event.bytes)} in ${formatElapsed(event.seconds)}, ${formatBytes(event.bytes_per_second)}/s`
  return [['done', paint('good', done)], ...sumLines(event), ['moved', pace]]
}

/** A label each: behind a shared one a SHA-256 would not fit into 80 columns. */
function sumLines({ sha256, crc32 }: { readonly sha256: string; readonly crc32: string }): Said {
  return [
    ['sha256', sha256],
    ['crc32', crc32],
  ]
}

const ERROR_LABEL = 'voltdrop: '

function errorLines(event: AgentEvent & { t: 'error' }, paint: Paint, columns: number): string {
  const detail = event.detail === undefined ? '' : ` (${escapeText(withoutStops(event.detail))})`
  const indent = ERROR_LABEL.length
  return `${paint('bad', ERROR_LABEL.trimEnd())} ${wrapText(event.says + detail, indent, columns)}
${' '.repeat(indent)}${wrapText(event.next, indent, columns)}\n`
}

/** What others tell comes as sentences; between brackets and semicolons their full stops, and colons after nothing, are too many. */
function withoutStops(detail: string): string {
  return detail.replace(/\.(?=;|$)/g, '').replace(/(^|; ): /g, '$1')
}
