/** Converts the cells of a record to a row as the edge takes it, and finds its faults by line and column. Pure. */
import { isRequired } from '../../../protocol/catalogue/column-facts.ts'
import { columnsOf, productReferences, writableFields } from '../../../protocol/catalogue/columns.ts'
import { foldKey, naturalKeyOf, naturalKeys } from '../../../protocol/catalogue/natural-keys.ts'
import { checkImportRow } from '../../../protocol/catalogue/import-rows.ts'
import type { Resource } from '../../../protocol/catalogue/vocabulary.ts'
import type { Battery, Product } from '../../../protocol/catalogue/shapes.ts'
import { restoreFormulas } from '../../../protocol/catalogue/spreadsheet.ts'
import type { FileColumn } from './import-header.ts'
import { parseDecimal, scaleToInteger } from './decimal-numbers.ts'
import type { CatalogueRow } from '../../../protocol/catalogue/column-facts.ts'
import { doubts, remarks } from './plausible.ts'

/** A fault at a place of the file. A remark is one that does not prevent the import of the row. */
export type FileFault = {
  readonly line: number
  /** The title of the column in the file; undefined for the row as a whole. */
  readonly column: string | undefined
  readonly text: string
  readonly remark: boolean
}

export type ReadRules = {
  readonly resource: Resource
  /** Values for fields that a row does not give. */
  readonly defaults: ReadonlyMap<string, string>
  /** An empty cell clears the field; otherwise it leaves the field as it is. */
  readonly clearEmpty: boolean
  /** The file is CSV, where an export put apostrophes before formulas. */
  readonly isDisarmed: boolean
  /** Skips product ids, because they are those of another edge. */
  readonly createProducts: boolean
}

/** A cell: its column and its content. */
export type FileCell = readonly [column: FileColumn, value: unknown]

/** Fields that a new row must have. `product_id` is not among them: a battery may name its product in other ways. */
function requiredOf(resource: Resource): string[] {
  return Object.entries(columnsOf[resource])
    .filter(([, facts]) => isRequired(facts) && facts.type !== 'reference')
    .map(([field]) => field)
}
const requiredFields = { products: requiredOf('products'), batteries: requiredOf('batteries') } as const

/** The types of the product list. */
const listTypes: Readonly<Record<string, { kind?: Battery['kind']; category: Product['category'] }>> = {
  LithiumIonBattery: { kind: 'cell', category: 'lithium_ion_cell' },
  NickelMetalHydrideBattery: { category: 'nickel_metal_hydride' },
}

/** Whether a row of the resource may have the field. */
export function isField(resource: Resource, field: string): boolean {
  const isReference = resource === 'batteries' && (productReferences as readonly string[]).includes(field)
  return isReference || writableFields[resource].includes(field)
}

/** A fault in the terms of the file: a limit in the unit of its column, other columns by their titles. */
function asInFile(detail: string, field: string, columns: ReadonlyMap<string, FileColumn>): string {
  const read = columns.get(field)?.read
  const power = typeof read === 'object' ? read.power : 0
  return detail
    .replace(
      /^(below|above) (-?\d+)$/,
      (_, word: string, limit: string) => `${word} ${Number(limit) / 10 ** power}`,
    )
    .replaceAll(/[a-z0-9]+(?:_[a-z0-9]+)+/g, (name) => columns.get(name)?.title ?? name)
}

/** Reads the rows of one file, in order. It remembers natural keys, to find duplicates, and the decimal separator. */
export class RowReader {
  readonly #rules: ReadRules
  readonly #keys = new Map<string, number>()
  #separator: { readonly sign: string; readonly line: number } | undefined

  constructor(rules: ReadRules) {
    this.#rules = rules
  }

  /** The row of a record and its faults. A row with a fault other than a remark must not be used. */
  read(line: number, cells: readonly FileCell[]): { row: CatalogueRow; faults: FileFault[] } {
    const faults: FileFault[] = []
    const titles = new Map(cells.map(([column]) => [column.field, column.title]))
    function say(field: string | undefined, text: string, remark = false): void {
      const column = field === undefined ? undefined : (titles.get(field) ?? field)
      if (!faults.some((fault) => fault.column === column && !fault.remark))
        faults.push({ line, column, text, remark })
    }
    const row: Record<string, string | number | null> = {}
    for (const [column, value] of cells) {
      const read = this.#value(column, value, line)
      if (typeof read === 'object' && read !== null) say(column.field, read.fault)
      else if (read !== undefined) row[column.field] = read
    }
    this.#complete(row, titles, say)
    this.#check(row, new Map(cells.map(([column]) => [column.field, column])), say)
    this.#remember(row, line, say)
    return { row, faults }
  }

  #value(
    { read, field }: FileColumn,
    value: unknown,
    line: number,
  ): string | number | null | undefined | { fault: string } {
    if (this.#rules.createProducts && field === 'product_id') return undefined
    if (value === null) return null
    if (typeof value !== 'string' && typeof value !== 'number') return { fault: 'neither text nor number' }
    const text = String(value).trim()
    if (text === '') return this.#rules.clearEmpty ? null : undefined
    if (typeof read === 'object') return this.#number(field, read.power, text, line)
    const restored = this.#rules.isDisarmed ? restoreFormulas(text) : text
    if (restored !== text) return restored
    if (field === 'size_code' && /^\d{4,6}$/.test(text)) return `R${text}`
    if (read === 'wikidata') return text.replace(/^https?:\/\/www\.wikidata\.org\/(?:wiki|entity)\//, '')
    if (read === 'type') {
      const type = Object.hasOwn(listTypes, text) ? listTypes[text] : undefined
      const known = field === 'kind' ? type?.kind : type?.category
      return (
        known ?? {
          fault: field === 'kind' ? `${text} is no lithium-ion battery` : `${text} is not known here`,
        }
      )
    }
    return text
  }

  #number(field: string, power: number, text: string, line: number): number | { fault: string } {
    const decimal = parseDecimal(text)
    if (decimal === undefined) return { fault: `${text} is not a number` }
    const { separator } = decimal
    if (separator !== undefined) {
      // 2,000 mAh could be two or two thousand, and a whole number needs no separator.
      if (power === 0) return { fault: `${text} is not a whole number` }
      this.#separator ??= { sign: separator, line }
      if (separator !== this.#separator.sign)
        return {
          fault: `decimal ${separator} in ${text}, but decimal ${this.#separator.sign} on line ${this.#separator.line}`,
        }
    }
    const value = scaleToInteger(decimal, power)
    return value ?? { fault: `${text} is finer than ${field} keeps, or too large` }
  }

  /** Fills in the defaults, and reports required fields that are empty although the file has a column for them, and missing keys. */
  #complete(
    row: Record<string, string | number | null>,
    titles: ReadonlyMap<string, string>,
    say: (field: string, text: string) => void,
  ): void {
    const { resource, defaults } = this.#rules
    for (const [field, value] of defaults) row[field] ??= value
    if (
      resource === 'products' &&
      !titles.has('name') &&
      row['name'] === undefined &&
      row['sku'] !== undefined
    )
      row['name'] = [row['manufacturer'], row['sku']].join(' ').trim()
    for (const field of requiredFields[resource]) {
      const key = (naturalKeys[resource] as readonly string[]).includes(field)
      if ((row[field] ?? null) === null && (key || titles.has(field))) say(field, 'empty')
    }
  }

  #check(
    row: CatalogueRow,
    columns: ReadonlyMap<string, FileColumn>,
    say: (field: string | undefined, text: string, remark?: boolean) => void,
  ): void {
    const { resource } = this.#rules
    for (const { field, detail } of checkImportRow(resource, row, 'part').faults)
      say(field, asInFile(detail, field, columns))
    if (resource === 'products') return
    for (const { field, text } of doubts(row)) say(field, text)
    for (const { field, text } of remarks(row)) say(field, text, true)
  }

  #remember(row: CatalogueRow, line: number, say: (field: string | undefined, text: string) => void): void {
    const { resource } = this.#rules
    const named = naturalKeyOf(resource, row)
    if (named === undefined) return
    const key = foldKey(named)
    const [maker, name] = naturalKeys[resource]
    const before = this.#keys.get(key)
    if (before === undefined) this.#keys.set(key, line)
    else say(name, `the same ${maker} and ${name} as on line ${before}`)
  }
}
