/**
 * From the filters of a list to its walk: which index serves it.
 *
 *   q                              the text index; in the order of ids, or sorted by the column asked for
 *   sort by id                     the most selective filter that is an equality, else the table itself
 *   sort by a crossed column       the index (filter, column, id) of a narrowing filter, else (column, id)
 *   sort by any other column       under a selective filter its rows are sorted, else (column, id), dropping rows that other filters refuse
 *
 * So a list costs its own rows when it is under one filter and a crossed order, or under none and any order. In other combinations the
 * rows that are passed over are read as well.
 */
import { and, count, eq, gte, lte, sql, type SQL } from 'drizzle-orm'
import { integer, sqliteTable, text, type SQLiteColumn, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { Catalogue } from './catalogue-queries.ts'
import type { Page, Position } from './paging.ts'
import { aside, walkRows, type Walk } from './walk-queries.ts'

type Column = SQLiteColumn
type Columns = Readonly<Record<string, Column>>

/** A full-text index: its rowid is the id of the row. Not part of drizzle's schema, which knows no virtual tables. */
export function searchTable(name: string) {
  return sqliteTable(name, { rowid: integer().primaryKey(), match: text(name) })
}

/** What can be listed. */
export type Listed = {
  readonly table: SQLiteTable
  readonly columns: Columns & { readonly id: Column; readonly sequence: Column }
  readonly search: ReturnType<typeof searchTable>
  /** Columns that can be asked for exactly; the most selective ones first. */
  readonly equalities: readonly string[]
  /** Those of them that leave few rows. */
  readonly selective: readonly string[]
  /** Filters with an index for each of the crossed orders. */
  readonly narrowed: readonly string[]
  readonly crossed: readonly string[]
  readonly ranges: readonly string[]
  /** Further conditions of these filters, which no index serves. */
  readonly others?: (filters: Filters) => SQL[]
}

export type Filters = Readonly<Record<string, string | number | undefined>>

/** The column that orders the list, or undefined when it is the id. */
export function sortOf(listed: Listed, filters: Filters): string | undefined {
  const { sort, q } = filters
  const bounded = listed.ranges.find(
    (column) => filters[`min_${column}`] !== undefined || filters[`max_${column}`] !== undefined,
  )
  const column = sort ?? (q === undefined ? bounded : undefined)
  // All rows of an equality have one value.
  if (column === undefined || column === 'id' || filters[column] !== undefined) return undefined
  return String(column)
}

/** The words of a search: letters and digits, each a beginning. Quoted, so that none is an operator of the index. */
export function searchPhrase(q: string): string {
  const words = q.match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu) ?? []
  // Nothing but signs: the empty phrase, which finds nothing.
  return words.length === 0 ? '""' : words.map((word) => `"${word}"*`).join(' ')
}

function column(listed: Listed, name: string): Column {
  const found = listed.columns[name]
  if (found === undefined) throw new RangeError(`no column ${name}`)
  return found
}

/** Ranges of every column but `walked`, and the other conditions, none of which leads into an index. */
function residue(listed: Listed, filters: Filters, walked: string | undefined): SQL[] {
  const found = listed.others?.(filters) ?? []
  for (const name of listed.ranges) {
    const [least, greatest] = [filters[`min_${name}`], filters[`max_${name}`]]
    if (name === walked) continue
    if (least !== undefined) found.push(gte(aside(column(listed, name)), least))
    if (greatest !== undefined) found.push(lte(aside(column(listed, name)), greatest))
  }
  return found
}

/** The equality whose index the walk begins in. */
function pinOf(listed: Listed, filters: Filters, sort: string | undefined): string | undefined {
  if (filters['q'] !== undefined) return undefined
  function given(names: readonly string[]) {
    return names.find((name) => filters[name] !== undefined)
  }
  if (sort === undefined) return given(listed.equalities)
  return (listed.crossed.includes(sort) ? given(listed.narrowed) : undefined) ?? given(listed.selective)
}

export function walkOf(listed: Listed, filters: Filters): Walk {
  const { columns, search } = listed
  const sort = sortOf(listed, filters)
  const searching = filters['q'] !== undefined
  const pin = pinOf(listed, filters, sort)
  const where: SQL[] = searching ? [sql`${search.match} MATCH ${searchPhrase(String(filters['q']))}`] : []
  for (const name of listed.equalities) {
    const value = filters[name]
    if (value === undefined) continue
    where.push(name === pin ? eq(column(listed, name), value) : eq(aside(column(listed, name)), value))
  }
  where.push(...residue(listed, filters, sort))
  const walk = { where, tie: tieOf(listed, pin, sort, searching), descending: filters['order'] === 'desc' }
  if (sort === undefined) return walk
  const inIndex =
    pin === undefined ? !searching : listed.crossed.includes(sort) && listed.narrowed.includes(pin)
  return {
    ...walk,
    sort: { column: column(listed, sort), ...bounds(filters, sort) },
    tie: searching ? search.rowid : columns.sequence,
    sorting: !inIndex,
  }
}

/** Without an order: the id, by its name in the index that leads there. */
function tieOf(
  listed: Listed,
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

/** At most `limit` rows of the list from `position` on; of each row `fields`, its id and what orders it. */
export function listRows<Item>(
  catalogue: Catalogue,
  listed: Listed,
  filters: Filters,
  { position, limit, fields }: { position?: Position | undefined; limit: number; fields: readonly string[] },
): Promise<Page<Item>> {
  const walk = walkOf(listed, filters)
  const needed = new Set([...fields, 'id', ...(walk.sort === undefined ? [] : [walk.sort.column.name])])
  const columns = Object.fromEntries([...needed].map((name) => [name, column(listed, name)]))
  return walkRows<Item>(catalogue, walk, position, limit, (where, order, rows) => {
    const from = catalogue.select(columns).from(listed.table)
    const source = filters['q'] === undefined ? from : from.innerJoin(listed.search, joined(listed))
    return source
      .where(where)
      .orderBy(...order)
      .limit(rows)
  })
}

function joined({ search, columns }: Listed) {
  return eq(search.rowid, columns.id)
}

/** How many rows the filters keep. Reads them all. */
export async function countRows(catalogue: Catalogue, listed: Listed, filters: Filters): Promise<number> {
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
