/** Reads a whole file and reports everything that is wrong with it, before anything of it is sent. */
import type { SourceFile } from '../../../peer/files.ts'
import type { BatteryColumn } from '../../../protocol/catalogue/columns.ts'
import type { Resource } from '../../../protocol/catalogue/vocabulary.ts'
import { VoltdropError } from '../../../protocol/errors.ts'
import type { ImportCommand } from '../../command-line/arguments.ts'
import type { Context } from '../../context.ts'
import { formatCount } from '../../terminal/human-units.ts'
import { readImportFile } from './import-file.ts'
import type { CatalogueRow } from '../../../protocol/catalogue/column-facts.ts'
import type { FileFault } from './row-reader.ts'

/** Faults that are reported one by one. In a file with more, something is wrong with the file as a whole. */
const MAX_TOLD = 500
/** Without these a battery is of little use: rows that lack them are counted. */
const basicFields = [
  'nominal_capacity_mah',
  'nominal_voltage_mv',
  'discharging_cutoff_voltage_mv',
  'charging_voltage_mv',
] as const satisfies readonly BatteryColumn[]
/** Lines named as examples of rows that lack a field. */
const MAX_EXAMPLES = 5

export type Checked = {
  readonly resource: Resource
  readonly namesProducts: boolean
  readonly rows: number
}

/** @throws VoltdropError `bad_rows` when the file has faults, which have been reported by then, or no rows. */
export async function checkFile(
  source: SourceFile,
  { catalogue, defaults, clearEmpty, createProducts }: ImportCommand,
  { terminal, signal }: Context,
): Promise<Checked> {
  const tally = new Tally((fault) => terminal.report({ t: 'fault', ...fault }))
  const file = await readImportFile(source, {
    wanted: catalogue,
    defaults,
    clearEmpty,
    createProducts,
    onProgress: () => signal.throwIfAborted(),
  })
  tally.take(file.faults)
  if (file.faults.length === 0)
    for await (const { line, row, faults } of file.rows) tally.row(line, row, faults)
  if (file.resource === 'batteries') tally.tellMissing(file.titleOf)
  if (file.ignored.length > 0) {
    terminal.report({
      t: 'warning',
      text: `columns that the edge fills itself were left out: ${file.ignored.join(', ')}`,
    })
  }
  terminal.report({ t: 'checked', ...tally.counts })
  if (tally.counts.faults > 0)
    throw new VoltdropError('bad_rows', `${formatCount(tally.counts.faults, 'fault')}; nothing was sent`)
  if (tally.counts.rows === 0) throw new VoltdropError('bad_rows', 'there are no rows')
  return { resource: file.resource, namesProducts: file.namesProducts, rows: tally.counts.rows }
}

/** Counts faults and reports the first of them, and counts missing values. */
class Tally {
  readonly counts = { rows: 0, faulty_rows: 0, faults: 0, remarks: 0 }
  readonly #tell: (fault: FileFault) => void
  readonly #missing = new Map<string, { rows: number; lines: number[] }>()
  #told = 0

  constructor(tell: (fault: FileFault) => void) {
    this.#tell = tell
  }

  row(line: number, row: CatalogueRow, faults: readonly FileFault[]): void {
    this.counts.rows++
    if (faults.some(({ remark }) => !remark)) this.counts.faulty_rows++
    this.take(faults)
    for (const field of basicFields) if ((row[field] ?? null) === null) this.#miss(field, line)
  }

  take(faults: readonly FileFault[]): void {
    for (const fault of faults) {
      if (fault.remark) this.counts.remarks++
      else this.counts.faults++
      if (this.#told++ < MAX_TOLD) this.#tell(fault)
    }
  }

  /** Reports a remark for each field that some rows lack and others have. */
  tellMissing(titleOf: (field: string) => string): void {
    for (const [field, { rows, lines }] of this.#missing) {
      if (rows === this.counts.rows) continue
      const examples = `${lines.join(', ')}${rows > lines.length ? ' and others' : ''}`
      this.take([
        {
          line: lines[0] ?? 0,
          column: titleOf(field),
          text: `not known in ${rows} of ${this.counts.rows} rows: ${rows === 1 ? 'line' : 'lines'} ${examples}`,
          remark: true,
        },
      ])
    }
  }

  #miss(field: string, line: number): void {
    const missing = this.#missing.get(field) ?? { rows: 0, lines: [] }
    missing.rows++
    if (missing.lines.length < MAX_EXAMPLES) missing.lines.push(line)
    this.#missing.set(field, missing)
  }
}
