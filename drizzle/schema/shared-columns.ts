/** Columns that both tables of the catalogue have, and the kind of text that names are. */
import { sql } from 'drizzle-orm'
import { customType, integer, text } from 'drizzle-orm/sqlite-core'
import { verifications } from './vocabulary.ts'

/** Text that compares, sorts and is unique without regard to ASCII case: "lg chem" finds "LG Chem". */
export const name = customType<{ data: string }>({ dataType: () => 'text COLLATE NOCASE' })

/**
 * The id once more. SQLite can begin a range of (column, sequence) amid rows of one value; of (column, id) it cannot, because the
 * id is the row's own key and no column of the index.
 */
export function sequence() {
  return integer().generatedAlwaysAs(sql.raw('id'), { mode: 'virtual' })
}

const now = sql`(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))`

/** Where a row's facts come from, and its bookkeeping. `version` counts the row's own changes. */
export function provenance() {
  return {
    source_url: text().notNull(),
    source_title: text(),
    source_licence: text(),
    /** YYYY-MM-DD */
    source_retrieved_on: text(),
    verification: text({ enum: verifications }).notNull().default('unverified'),
    version: integer().notNull().default(1),
    created_at: text().notNull().default(now),
    updated_at: text().notNull().default(now),
  }
}
