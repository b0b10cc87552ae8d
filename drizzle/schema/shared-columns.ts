/** What both tables of the catalogue have: the kind of text that names are, columns, indexes, and the check against the columns that are known. */
import { sql } from 'drizzle-orm'
import { customType, integer, text } from 'drizzle-orm/sqlite-core'
import { productColumns, type BookkeepingColumn } from '../../protocol/catalogue/columns.ts'
import type { RowOf } from '../../protocol/catalogue/column-facts.ts'

/** Text that compares, sorts and is unique without regard to ASCII case: "lg chem" finds "LG Chem". */
export const name = customType<{ data: string }>({ dataType: () => 'text COLLATE NOCASE' })

/**
 * A second name of the id. SQLite can begin a range of (column, sequence) among rows of equal value; of (column, id) it cannot, because
 * the id is the row's own key and no column of the index.
 */
export function sequence() {
  return integer().generatedAlwaysAs(sql.raw('id'), { mode: 'virtual' })
}

const now = sql`(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))`
const { values: verifications, default: unverified } = productColumns.verification

/** Where a row's facts come from, and its bookkeeping. `version` counts the row's own changes. */
export function provenance() {
  return {
    source_url: text().notNull(),
    source_title: text(),
    source_licence: text(),
    source_retrieved_on: text(),
    verification: text({ enum: verifications }).notNull().default(unverified),
    version: integer().notNull().default(1),
    created_at: text().notNull().default(now),
    updated_at: text().notNull().default(now),
  }
}

/** The columns with an index of their own: every order of a list, and every filter by one value. The id has the table itself. */
export function indexedColumns<Equality extends string, Sort extends string>(
  equalities: readonly Equality[],
  sorts: readonly Sort[],
): Exclude<Equality | Sort, 'id'>[] {
  const columns = new Set<Equality | Sort>([...equalities, ...sorts])
  return [...columns].filter((column): column is Exclude<Equality | Sort, 'id'> => column !== 'id')
}

type Same<A, B> = [A, B] extends [B, A] ? true : false

/** The columns that a table lacks, has too many, or has with other values than `Columns` says. */
export type Mismatch<Selected, Columns> =
  | Exclude<keyof Selected, keyof Columns | BookkeepingColumn | 'sequence'>
  | {
      [Column in keyof RowOf<Columns>]: Column extends keyof Selected
        ? Same<Selected[Column], RowOf<Columns>[Column]> extends true
          ? never
          : Column
        : Column
    }[keyof Columns]
