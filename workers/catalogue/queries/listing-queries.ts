/**
 * Turns the filters of a list into a walk: the index that serves it, and the conditions on its rows.
 *
 *   q                              the text index, in the order of ids; for any other order its rows are sorted
 *   sort by id                     the index of the most selective equality, else the table itself
 *   an order of `indexes`          the index (filter, column, id) of a filter of `indexes`, else (column, id)
 *   any other order                the rows of a selective filter are sorted; without one, (column, id), skipping rows that do not match
 *
 * So under one filter and an order of `indexes`, or without a filter in any order, a page reads only its own rows. Other combinations
 * also read the rows that they skip.
 */
import { and, count, eq, gte, lte, sql, type SQL } from 'drizzle-orm'
import { integer, sqliteTable, text, type SQLiteColumn, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import { orderedBy, searchWords, type Bound } from '../../../protocol/catalogue/filters.ts'
import type { Catalogue } from './catalogue-queries.ts'
import type { Page, Position } from './cursor.ts'
import { aside, walkRows, type Walk } from './keyset-queries.ts'

type Column = SQLiteColumn
type Columns = Readonly<Record<string, Column>>

/** A full-text index, whose rowid is the id of the row. It is not in drizzle's schema, which has no virtual tables. */
export function searchTable(name: string) {
  return sqliteTable(name, { rowid: integer().primaryKey(), match: text(name) })
}

type FilterValue = string | number
/** The parameters of a list: its filters, `sort` and `order`. */
export type Filters = Readonly<Record<string, FilterValue | undefined>>

/** How a list answers a filter: by the text index, by one value of the column of that name, by a bound, or by its own condition. */
type FilterUse =
  | 'search'
  | 'equality'
  /** An equality that leaves few rows. */
  | 'selective'
  | { readonly column: string; readonly end: 'least' | 'greatest' }
  | ((value: FilterValue) => SQL)

/** A table that can be listed. A filter that it does not answer is a compile error. */
export type ListedTable<Filter extends string = string> = {
  readonly table: SQLiteTable
  readonly columns: Columns & { readonly id: Column; readonly sequence: Column }
  readonly search: ReturnType<typeof searchTable>
  /** In the order of the conditions. A list uses the index of its first equality, so the most selective ones come first. */
  readonly filters: Readonly<Record<Filter, FilterUse>>
  /** Under one of these filters each of these orders has an index. */
  readonly indexes: { readonly filters: readonly string[]; readonly orders: readonly string[] }
}

/** `min_<column>` and `max_<column>` for each of these columns. */
export function boundsOn<Range extends string>(columns: readonly Range[]) {
  const bounds = columns.flatMap((column): [string, FilterUse][] => [
    [`min_${column}`, { column, end: 'least' }],
    [`max_${column}`, { column, end: 'greatest' }],
  ])
  return Object.fromEntries(bounds) as Record<Bound<Range>, FilterUse>
}

/** The given filters, in the order of the list's own. */
function givenFilters(listed: ListedTable, filters: Filters) {
  return Object.entries(listed.filters).flatMap(([name, use]) => {
    const value = filters[name]
    return value === undefined ? [] : [{ name, use, value }]
  })
}

/** The column that orders the list, or undefined when it is the id. */
export function sortOf(filters: Filters): string | undefined {
  const column = orderedBy(filters)
  // An equality on the column leaves one value, by which nothing can be sorted.
  return column === undefined || filters[column] !== undefined ? undefined : column
}

/** The words of a search as prefixes. They are quoted, so that none is an operator of the index. */
export function searchPhrase(q: string): string {
  const words = searchWords(q)
  // No word in it: the empty phrase, which finds nothing.
  return words.length === 0 ? '""' : words.map((word) => `"${word}"*`).join(' ')
}

function columnOf(listed: ListedTable, name: string): Column {
  const found = listed.columns[name]
  if (found === undefined) throw new RangeError(`no column ${name}`)
  return found
}

/** The equality whose index the walk uses. */
function pinOf(listed: ListedTable, filters: Filters, sort: string | undefined): string | undefined {
  if (filters['q'] !== undefined) return undefined
  const equalities = givenFilters(listed, filters).filter(
    ({ use }) => use === 'equality' || use === 'selective',
  )
  if (sort === undefined) return equalities[0]?.name
  const narrowing = listed.indexes.orders.includes(sort)
    ? listed.indexes.filters.find((name) => filters[name] !== undefined)
    : undefined
  return narrowing ?? equalities.find(({ use }) => use === 'selective')?.name
}

/** The condition of one filter; undefined for a bound on the sort column, which the walk itself applies. Only the pin may use an index. */
function conditionOf(
  listed: ListedTable,
  { name, use, value }: ReturnType<typeof givenFilters>[number],
  pin: string | undefined,
  sort: string | undefined,
): SQL | undefined {
  if (use === 'search') return sql`${listed.search.match} MATCH ${searchPhrase(String(value))}`
  if (typeof use === 'function') return use(value)
  if (typeof use === 'string') {
    const column = columnOf(listed, name)
    return name === pin ? eq(column, value) : eq(aside(column), value)
  }
  if (use.column === sort) return undefined
  return (use.end === 'least' ? gte : lte)(aside(columnOf(listed, use.column)), value)
}

export function walkOf(listed: ListedTable, filters: Filters): Walk {
  const { columns, search, indexes } = listed
  const sort = sortOf(filters)
  const searching = filters['q'] !== undefined
  const pin = pinOf(listed, filters, sort)
  const where = givenFilters(listed, filters)
    .map((given) => conditionOf(listed, given, pin, sort))
    .filter((condition) => condition !== undefined)
  const walk = { where, tie: tieOf(listed, pin, sort, searching), descending: filters['order'] === 'desc' }
  if (sort === undefined) return walk
  const inIndex =
    pin === undefined ? !searching : indexes.orders.includes(sort) && indexes.filters.includes(pin)
  return {
    ...walk,
    sort: { column: columnOf(listed, sort), ...bounds(filters, sort) },
    tie: searching ? search.rowid : columns.sequence,
    sorting: !inIndex,
  }
}

/** Whether a page of the list may read many more rows than it shows: rows that are skipped, sorted, or searched for several words. */
export function readsOtherRows(listed: ListedTable, filters: Filters): boolean {
  const { where, sorting } = walkOf(listed, filters)
  const searched = filters['q'] === undefined ? [] : searchWords(String(filters['q']))
  const pinned = pinOf(listed, filters, sortOf(filters)) === undefined && searched.length === 0 ? 0 : 1
  return sorting === true || where.length > pinned || searched.length > 1
}

/** The id, by its name in the index that is walked. */
function tieOf(
  listed: ListedTable,
  pin: string | undefined,
  sort: string | undefined,
  searching: boolean,
): Column {
  if (searching) return listed.search.rowid
  return pin === undefined && sort === undefined ? listed.columns.id : listed.columns.sequence
}

function bounds(filters: Filters, sort: string) {
  const [least, greatest] = [filters[`min_${sort}`], filters[`max_${sort}`]]
  return { ...(least === undefined ? {} : { least }), ...(greatest === undefined ? {} : { greatest }) }
}

/** At most `limit` rows of the list from `position` on; of each row `fields`, its id and the sort column. */
export function listRows<Item>(
  catalogue: Catalogue,
  listed: ListedTable,
  filters: Filters,
  { position, limit, fields }: { position?: Position | undefined; limit: number; fields: readonly string[] },
): Promise<Page<Item>> {
  const walk = walkOf(listed, filters)
  const needed = new Set([...fields, 'id', ...(walk.sort === undefined ? [] : [walk.sort.column.name])])
  const columns = Object.fromEntries([...needed].map((name) => [name, columnOf(listed, name)]))
  return walkRows<Item>(catalogue, walk, position, limit, (where, order, rows) => {
    const from = catalogue.select(columns).from(listed.table)
    const source = filters['q'] === undefined ? from : from.innerJoin(listed.search, joined(listed))
    return source
      .where(where)
      .orderBy(...order)
      .limit(rows)
  })
}

function joined({ search, columns }: ListedTable) {
  return eq(search.rowid, columns.id)
}

/** How many rows match the filters. Reads all of them. */
export async function countRows(
  catalogue: Catalogue,
  listed: ListedTable,
  filters: Filters,
): Promise<number> {
  const { where, sort } = walkOf(listed, { ...filters, order: 'asc' })
  const ends =
    sort === undefined
      ? []
      : [
          sort.least === undefined ? undefined : gte(sort.column, sort.least),
          sort.greatest === undefined ? undefined : lte(sort.column, sort.greatest),
        ]
  const from = catalogue.select({ rows: count() }).from(listed.table)
  const source = filters['q'] === undefined ? from : from.innerJoin(listed.search, joined(listed))
  return (await source.where(and(...where, ...ends)))[0]?.rows ?? 0
}
