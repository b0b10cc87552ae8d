/**
 * What is known of a column of the catalogue: its type, limits and description. columns.ts states them once for each column. The tables'
 * CHECKs, the shapes of reads and writes, the import, the exports and the OpenAPI document are derived from them; the tables, the page's
 * labels and the mapping do not compile while they lack a column. No zod: the command line reads this at start-up.
 */

export type Range = readonly [least: number, greatest: number]

/** A column is null where its value is not known, unless it is required or has a default. */
type Presence = { readonly required?: true; readonly default?: string }

/** `name`: text that compares, sorts and is unique without regard to the case of A-Z. `condition`: how a value was measured. */
type Text = { readonly type: 'name' | 'text' | 'condition'; readonly longest: number }
/** `gtin`: 8, 12, 13 or 14 digits, the last a check digit (GS1). `wikidata`: Q and a number. `date`: YYYY-MM-DD. `url`: https. */
type Formatted = { readonly type: 'url' | 'date' | 'gtin' | 'wikidata' }
type Choice = { readonly type: 'choice'; readonly values: readonly [string, ...string[]] }
/** `measure`: in the unit that ends the column's name. `count`: without a unit. `derived`: computed by the database, never written. */
type Amount = { readonly type: 'measure' | 'count' | 'derived'; readonly range: Range }
/** `id`: given by the database. `reference`: the id of a row of another table. */
type Key = { readonly type: 'id' | 'reference' }

export type ColumnFacts = (Text | Formatted | Choice | Amount | Key) &
  Presence & { readonly description: string }
export type ColumnTable = Readonly<Record<string, ColumnFacts>>

type Present = { readonly required: true } | { readonly default: string } | { readonly type: 'id' }
type Value<Facts> = Facts extends { readonly type: 'choice'; readonly values: readonly (infer Choice)[] }
  ? Choice
  : Facts extends Text | Formatted
    ? string
    : number

/** The value of a column as it is read. */
export type ValueOf<Facts> = Facts extends Present ? Value<Facts> : Value<Facts> | null

/** A row as it is read: every column with its value. */
export type RowOf<Table> = { -readonly [Column in keyof Table]: ValueOf<Table[Column]> }

/** Any row of the catalogue, by column. */
export type CatalogueRow = Readonly<Record<string, string | number | null>>

/** The columns of these types. */
export type ColumnOfType<Table, Type extends ColumnFacts['type']> = {
  [Column in keyof Table]: Table[Column] extends { readonly type: Type } ? Column & string : never
}[keyof Table]

/** The columns that can be written: all but the id and the derived ones. */
export type WritableColumn<Table> = Exclude<keyof Table & string, ColumnOfType<Table, 'id' | 'derived'>>

/** A compile-time check that a set of names is empty: the compiler's message lists those that are left. */
export type None<Names extends never> = Names

/** The names of a table's columns, in order. */
export function columnNames<Table extends ColumnTable>(table: Table): (keyof Table & string)[] {
  return Object.keys(table)
}

export function isRequired({ required }: ColumnFacts): boolean {
  return required === true
}

/** Whether the column can be null, which means "not known". */
export function isNullable(facts: ColumnFacts): boolean {
  return facts.type !== 'id' && facts.required === undefined && facts.default === undefined
}

/** The columns that can be written, in the order of a write: conditions of measurement follow the last measured value. */
export function writableColumns<Table extends ColumnTable>(table: Table): WritableColumn<Table>[] {
  const given = Object.entries(table).filter(([, { type }]) => type !== 'id' && type !== 'derived')
  const measured = given.findLastIndex(([, { type }]) => type === 'measure') + 1
  const values = given.slice(0, measured)
  const ordered = [
    ...values.filter(([, { type }]) => type !== 'condition'),
    ...values.filter(([, { type }]) => type === 'condition'),
    ...given.slice(measured),
  ]
  return ordered.map(([name]) => name) as WritableColumn<Table>[]
}
