/** Rows as a Parquet file, one row group at a time, so that memory does not grow with the export. Loaded only when it is needed. */
import { ByteWriter, parquetWriteRows } from 'hyparquet-writer'
import type { PartFile } from '../../../peer/files.ts'
import type { ExportColumn } from './export-schema.ts'

/** Rows of a row group: enough for columns to compress well, and a few megabytes in memory. */
const GROUP_ROWS = 10_000

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
 * Writes `rows` as `columns` into `part`; `onBytes` is given every byte, in order. The same rows always give the same bytes. `facts`
 * become the file's key-value metadata.
 */
export async function writeParquet(
  part: Pick<PartFile, 'write'>,
  columns: readonly ExportColumn[],
  rows: AsyncIterable<Row>,
  facts: Readonly<Record<string, string>>,
  onBytes: (bytes: Uint8Array) => void,
): Promise<void> {
  const wide = columns.filter(({ type }) => type === 'int64').map(({ name }) => name)
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
    rows: widened(rows, wide),
    rowGroupSize: GROUP_ROWS,
    createdBy: 'voltdrop',
    kvMetadata: Object.entries(facts).map(([key, value]) => ({ key, value })),
  })
  await writer.flush()
}

/** The writer takes 64-bit integers as bigint only. */
async function* widened(
  rows: AsyncIterable<Row>,
  wide: readonly string[],
): AsyncGenerator<Record<string, unknown>> {
  for await (const row of rows) {
    const own: Record<string, unknown> = { ...row }
    for (const name of wide) if (typeof own[name] === 'number') own[name] = BigInt(own[name])
    yield own
  }
}
