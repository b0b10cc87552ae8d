/** What both tables of the catalogue share: columns, their types and indexes, and the comparison with protocol/catalogue/columns.ts. */
import { sql } from 'drizzle-orm'
import { customType, integer, text } from 'drizzle-orm/sqlite-core'
import { productColumns, type BookkeepingColumn } from '../../protocol/catalogue/columns.ts'
import type { RowOf } from '../../protocol/catalogue/column-facts.ts'

/** Text that compares, sorts and is unique without regard to ASCII case: "lg chem" finds "LG Chem". */
export const name = customType<{ data: string }>({ dataType: () => 'text COLLATE NOCASE' })

/**
 * A copy of the id as a column of the indexes. In an index on (column, sequence) SQLite can start a range among rows of equal value. In
 * one on (column) it cannot, because the id, as the rowid, is not a column of the index.
 */
export function sequence() {
  return integer().generatedAlwaysAs(sql.raw('id'), { mode: 'virtual' })
}

const now = sql`(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))`
const { values: verifications, default: unverified } = productColumns.verification

/** Where a row's values come from, and bookkeeping. `version` counts the changes of the row. */
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

/** The columns that have an index: every filter by one value and every order of a list, except the id, which is the table's key. */
export function indexedColumns<Equality extends string, Sort extends string>(
  equalities: readonly Equality[],
  sorts: readonly Sort[],
): Exclude<Equality | Sort, 'id'>[] {
  const columns = new Set<Equality | Sort>([...equalities, ...sorts])
  return [...columns].filter((column): column is Exclude<Equality | Sort, 'id'> => column !== 'id')
}

type Same<A, B> = [A, B] extends [B, A] ? true : false

/** The columns in which a table differs from `Columns`: missing, additional, or of another type. */
export type Mismatch<Selected, Columns> =
  | Exclude<keyof Selected, keyof Columns | BookkeepingColumn | 'sequence'>
  | {
      [Column in keyof RowOf<Columns>]: Column extends keyof Selected
        ? Same<Selected[Column], RowOf<Columns>[Column]> extends true
          ? never
          : Column
        : Column
    }[keyof Columns]
