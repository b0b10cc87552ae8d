/** Reads a CSV or NDJSON file into rows for the edge, piece by piece. */
import type { SourceFile } from '../../../peer/files.ts'
import type { Resource } from '../../../protocol/catalogue/vocabulary.ts'
import { VoltdropError } from '../../../protocol/errors.ts'
import { parseJson } from '../../../protocol/parse-json.ts'
import { formatCount } from '../../terminal/human-units.ts'
import { CsvReader, detectDelimiter, type CsvRecord } from './csv-reader.ts'
import { type FileColumn, meanings, readHeader, resourceOf, type ColumnMeaning } from './import-header.ts'
import type { CatalogueRow } from '../../../protocol/catalogue/column-facts.ts'
import { type FileCell, type FileFault, RowReader, type ReadRules } from './row-reader.ts'

const READ_BYTES = 262_144
/** A real row has a few kilobytes. */
const MAX_LINE_CHARACTERS = 65_536

export type ReadRow = {
  readonly line: number
  readonly row: CatalogueRow
  readonly faults: readonly FileFault[]
}

export type ImportFile = {
  readonly resource: Resource
  /** Whether the rows name the product of a battery. */
  readonly namesProducts: boolean
  /** Columns that are skipped, because the edge fills them itself. */
  readonly ignored: readonly string[]
  /** The file's own name for a field. */
  readonly titleOf: (field: string) => string
  /** Faults of the header. With any of them there are no rows. */
  readonly faults: readonly FileFault[]
  readonly rows: AsyncGenerator<ReadRow, void, undefined>
}

export type ReadOptions = Omit<ReadRules, 'resource' | 'isDisarmed'> & {
  /** What the rows are; undefined: derived from the columns. */
  readonly wanted: Resource | undefined
  /** Called with the number of bytes read so far. */
  readonly onProgress: (bytes: number) => void
}

/** Begins to read `source`. @throws VoltdropError `bad_rows` for a file that is empty, is not UTF-8 or has no header. */
export async function readImportFile(source: SourceFile, options: ReadOptions): Promise<ImportFile> {
  const texts = textOf(source, options.onProgress)
  const first = (await texts.next()).value ?? ''
  const whole = rejoin(first, texts)
  if (first.trimStart() === '') throw new VoltdropError('bad_rows', 'the file is empty')
  return first.trimStart().startsWith('{') ? readNdjson(whole, options) : readCsv(first, whole, options)
}

async function* rejoin(first: string, rest: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  yield first
  yield* rest
}

/** The file as text. A byte order mark is dropped. */
async function* textOf(
  source: SourceFile,
  onProgress: (bytes: number) => void,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for (let offset = 0; offset < source.size; offset += READ_BYTES) {
    // oxlint-disable-next-line no-await-in-loop -- in order
    const bytes = await source.read(offset, Math.min(READ_BYTES, source.size - offset))
    onProgress(offset + bytes.length)
    try {
      yield decoder.decode(bytes, { stream: offset + bytes.length < source.size })
    } catch (error) {
      throw new VoltdropError('bad_rows', 'it is not UTF-8: save it as CSV UTF-8', { cause: error })
    }
  }
}

async function readCsv(
  first: string,
  texts: AsyncIterable<string>,
  options: ReadOptions,
): Promise<ImportFile> {
  const records = csvRecords(texts, detectDelimiter(first))
  const header = await records.next()
  if (header.done === true) throw new VoltdropError('bad_rows', 'it has no header')
  const titles = header.value.fields.map((title) => title.trim())
  const { resource, columns } = readHeader(titles, options.wanted)
  const { line } = header.value
  const faults = columns.flatMap((meaning, index): FileFault[] =>
    typeof meaning === 'object' && 'refused' in meaning
      ? [{ line, column: titles[index] || `column ${index + 1}`, text: meaning.refused, remark: false }]
      : [],
  )
  return {
    resource,
    namesProducts: columns.some((meaning) => namesProduct(meaning)),
    ignored: titles.filter((_, index) => columns[index] === 'ignored'),
    titleOf: (field) =>
      columns.find(
        (meaning): meaning is FileColumn =>
          typeof meaning === 'object' && 'field' in meaning && meaning.field === field,
      )?.title ?? field,
    faults,
    rows: csvRows(records, columns, new RowReader({ ...options, resource, isDisarmed: true })),
  }
}

function namesProduct(meaning: ColumnMeaning): boolean {
  return (
    typeof meaning === 'object' && 'field' in meaning && ['product_id', 'product_sku'].includes(meaning.field)
  )
}

async function* csvRecords(
  texts: AsyncIterable<string>,
  delimiter: string,
): AsyncGenerator<CsvRecord, void, undefined> {
  const reader = new CsvReader(delimiter)
  for await (const text of texts) yield* reader.push(text)
  yield* reader.end()
}

async function* csvRows(
  records: AsyncIterable<CsvRecord>,
  columns: readonly ColumnMeaning[],
  reader: RowReader,
): AsyncGenerator<ReadRow, void, undefined> {
  for await (const { line, fields, fault } of records) {
    if (fields.every((field) => field.trim() === '')) continue
    const wrong =
      fault ??
      (fields.length === columns.length
        ? undefined
        : `${formatCount(fields.length, 'field')} under ${formatCount(columns.length, 'column')}`)
    if (wrong !== undefined) {
      yield unreadable(line, wrong)
      continue
    }
    const cells = columns.flatMap((meaning, index): FileCell[] =>
      typeof meaning === 'object' && 'field' in meaning ? [[meaning, fields[index]]] : [],
    )
    yield { line, ...reader.read(line, cells) }
  }
}

function unreadable(line: number, text: string): ReadRow {
  return {
    line,
    row: {},
    faults: [{ line, column: undefined, text, remark: false }],
  }
}

async function* linesOf(
  texts: AsyncIterable<string>,
): AsyncGenerator<{ line: number; text: string }, void, undefined> {
  let line = 1
  let rest = ''
  for await (const text of texts) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const whole of lines) yield { line: line++, text: whole }
    if (rest.length > MAX_LINE_CHARACTERS) break
  }
  yield { line, text: rest }
}

async function readNdjson(texts: AsyncIterable<string>, options: ReadOptions): Promise<ImportFile> {
  const lines = linesOf(texts)
  const first = await lines.next()
  const begin = first.done === true ? { line: 1, text: '' } : first.value
  const names = Object.keys(parsed(begin.text) ?? {})
  const resource = resourceOf(names, options.wanted)
  const meaning = meanings(resource)
  async function* all() {
    yield begin
    yield* lines
  }
  return {
    resource,
    namesProducts: names.some((name) => namesProduct(meaning(name))),
    ignored: names.filter((name) => meaning(name) === 'ignored'),
    titleOf: (field) => field,
    faults: [],
    rows: ndjsonRows(all(), meaning, new RowReader({ ...options, resource, isDisarmed: false })),
  }
}

/** The object on a line; undefined when it is not one. */
function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  if (text.length > MAX_LINE_CHARACTERS) return undefined
  const value = parseJson(text)
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
}

async function* ndjsonRows(
  lines: AsyncIterable<{ line: number; text: string }>,
  meaning: (title: string) => ColumnMeaning,
  reader: RowReader,
): AsyncGenerator<ReadRow, void, undefined> {
  let rows = 0
  for await (const { line, text } of lines) {
    if (text.trim() === '') continue
    const record = parsed(text)
    if (record === undefined) {
      yield unreadable(line, `is not one JSON object of at most ${MAX_LINE_CHARACTERS} characters`)
      continue
    }
    if (Object.keys(record).join() === 'end') {
      const wrong = endFault(record['end'], rows)
      if (wrong !== undefined) yield unreadable(line, wrong)
      continue
    }
    rows++
    yield ndjsonRow(line, record, meaning, reader)
  }
}

/** A fault of the end record of an export, which counts the rows before it. */
function endFault(end: unknown, rows: number): string | undefined {
  const said: unknown = typeof end === 'object' && end !== null && 'rows' in end ? end.rows : undefined
  return said === rows ? undefined : `the end record counts ${String(said)} rows, there are ${rows}`
}

function ndjsonRow(
  line: number,
  record: Readonly<Record<string, unknown>>,
  meaning: (title: string) => ColumnMeaning,
  reader: RowReader,
): ReadRow {
  const cells: FileCell[] = []
  const faults: FileFault[] = []
  for (const [title, value] of Object.entries(record)) {
    const column = meaning(title)
    if (column === 'ignored') continue
    if ('refused' in column) faults.push({ line, column: title, text: column.refused, remark: false })
    else cells.push([column, value])
  }
  const read = reader.read(line, cells)
  return { line, row: read.row, faults: [...faults, ...read.faults] }
}
