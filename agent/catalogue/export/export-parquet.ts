/** Rows as a Parquet file, one row group at a time, so that memory does not grow with the export. Loaded only when it is needed. */
import { ByteWriter, parquetWriteRows } from 'hyparquet-writer'
import type { PartFile } from '../../../peer/files.ts'
import { VoltdropError } from '../../../protocol/errors.ts'
import type { ExportColumn } from './export-schema.ts'

/** Rows of a row group: enough for columns to compress well, and a few megabytes in memory. */
const GROUP_ROWS = 10_000
/** Of the lines of a group, which is held in memory: several times what real rows have, but compressed perhaps next to nothing. */
const MAX_GROUP_CHARACTERS = 67_108_864

/** Writes each finished row group to the file and empties the buffer. The caller flushes what comes after the last one. */
class PartFileWriter extends ByteWriter {
  readonly #part: Pick<PartFile, 'write'>
  readonly #onBytes: (bytes: Uint8Array) => void
  #written = 0

  constructor(part: Pick<PartFile, 'write'>, onBytes: (bytes: Uint8Array) => void) {
    super(1_048_576)
    this.#part = part
    this.#onBytes = onBytes
  }

  async flush(): Promise<void> {
    const bytes = this.getBytes()
    await this.#part.write(this.#written, bytes)
    this.#onBytes(bytes)
    this.#written += bytes.length
    this.index = 0
  }
}

type Row = Readonly<Record<string, unknown>>

/**
 * Writes the rows on `lines`, a JSON object each, as `columns` into `part`; `onBytes` is given every byte, in order. The same rows always give the same bytes. `facts`
 * become the file's key-value metadata.
 */
export async function writeParquet(
  part: Pick<PartFile, 'write'>,
  columns: readonly ExportColumn[],
  lines: AsyncIterable<string>,
  facts: Readonly<Record<string, string>>,
  onBytes: (bytes: Uint8Array) => void,
): Promise<void> {
  const writer = new PartFileWriter(part, onBytes)
  await parquetWriteRows({
    writer,
    columns: columns.map(({ name, type, nullable }) => ({
      name,
      type: ({ int32: 'INT32', int64: 'INT64', string: 'STRING' } as const)[type],
      nullable,
      // Readers need these only to seek within a row group, and the writer would hold all of them until the end.
      offsetIndex: false,
    })),
    rows: rowsOf(lines, columns),
    rowGroupSize: GROUP_ROWS,
    createdBy: 'voltdrop',
    kvMetadata: Object.entries(facts).map(([key, value]) => ({ key, value })),
  })
  await writer.flush()
}

/** The rows on these lines. @throws VoltdropError `corrupt` for values that no column has, and for more than a group of rows holds. */
async function* rowsOf(
  lines: AsyncIterable<string>,
  columns: readonly ExportColumn[],
): AsyncGenerator<Row, void, undefined> {
  let count = 0
  let characters = 0
  for await (const line of lines) {
    if (count++ % GROUP_ROWS === 0) characters = 0
    characters += line.length
    if (characters > MAX_GROUP_CHARACTERS)
      throw new VoltdropError('corrupt', 'the export has longer rows than a catalogue')
    yield rowOf(JSON.parse(line) as Row, columns)
  }
}

/** Only what the columns take: anything else would be held until its group is written. */
function rowOf(given: Row, columns: readonly ExportColumn[]): Row {
  const row: Record<string, unknown> = {}
  for (const { name, type } of columns) {
    const value = given[name]
    if (typeof value === 'object' && value !== null)
      throw new VoltdropError('corrupt', `the export has no value for ${name}`)
    // The writer takes 64-bit integers as bigint only.
    row[name] = type === 'int64' && typeof value === 'number' ? BigInt(value) : value
  }
  return row
}
