/** Rows as the text of a file: CSV (RFC 4180), NDJSON, or a JSON array with a row a line. The same rows always give the same bytes. */
import type { CatalogueRow } from '../../../protocol/catalogue/column-facts.ts'
import { type ExportFormat, exportMediaTypes } from '../../../protocol/catalogue/vocabulary.ts'
import { disarmFormulas } from '../../../protocol/catalogue/spreadsheet.ts'

/** The text before the first row, of each row, between rows, and after the last. */
type Layout = {
  readonly mediaType: string
  head(fields: readonly string[]): string
  row(row: CatalogueRow, fields: readonly string[]): string
  readonly separator: string
  foot(rows: number): string
}

/** One CSV field. A text that a spreadsheet would run is disarmed; numbers, negative ones included, stay as they are. */
export function csvField(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const inert = disarmFormulas(value)
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}

/** A row with its fields in the order of `fields`. A row that has exactly these is not filtered, which is much faster. */
function jsonRow(row: CatalogueRow, fields: readonly string[]): string {
  const keys = Object.keys(row)
  const isComplete = keys.length === fields.length && keys.every((key, i) => key === fields[i])
  return isComplete ? JSON.stringify(row) : JSON.stringify(row, fields as string[])
}

export const layouts = {
  csv: {
    mediaType: `${exportMediaTypes.csv}; charset=utf-8; header=present`,
    head: (fields) => `${fields.join(',')}\r\n`,
    row: (row, fields) => `${fields.map((field) => csvField(row[field] ?? null)).join(',')}\r\n`,
    separator: '',
    foot: () => '',
  },
  ndjson: {
    mediaType: exportMediaTypes.ndjson,
    head: () => '',
    row: (row, fields) => `${jsonRow(row, fields)}\n`,
    separator: '',
    foot: () => '', // the end record needs the digest of all this: stream-export.ts adds it
  },
  json: {
    mediaType: exportMediaTypes.json,
    head: () => '[',
    row: (row, fields) => `\n${jsonRow(row, fields)}`,
    separator: ',',
    foot: (rows) => (rows === 0 ? ']\n' : '\n]\n'),
  },
} as const satisfies Record<ExportFormat, Layout>

/** The pieces of a file, a page at a time: head, rows, foot. */
export async function* writeRows(
  format: ExportFormat,
  fields: readonly string[],
  pages: AsyncIterable<readonly CatalogueRow[]>,
): AsyncGenerator<{ text: string; rows: number }, void, undefined> {
  const layout: Layout = layouts[format]
  yield { text: layout.head(fields), rows: 0 }
  let total = 0
  for await (const page of pages) {
    const rows = page.map((row) => layout.row(row, fields)).join(layout.separator)
    const lead = total > 0 && page.length > 0 ? layout.separator : ''
    total += page.length
    yield { text: lead + rows, rows: page.length }
  }
  yield { text: layout.foot(total), rows: 0 }
}
