/** The catalogue's revision and its change log. */
import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { resources } from '../../protocol/catalogue/vocabulary.ts'
import { oneOf } from './check-constraints.ts'

const actions = ['create', 'update', 'delete'] as const

/**
 * One row: how often the catalogue has changed. Triggers (migration 0001) raise it with every row that is inserted, updated or deleted by
 * any means, so that an ETag made from it never matches outdated data.
 */
export const catalogueRevision = sqliteTable(
  'catalogue_revision',
  { id: integer().primaryKey(), revision: integer().notNull() },
  () => [check('catalogue_revision_single', sql.raw('id = 1'))],
)

/** What was done to a row with a token. Hashes are SHA-256 of the row's writable fields as JSON, in hex; NULL where there was no row. */
export const catalogueChanges = sqliteTable(
  'catalogue_changes',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    at: text()
      .notNull()
      .default(sql`(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))`),
    /** The first 8 hex digits of the token's SHA-256: they tell which of the two tokens it was, and do not reveal it. */
    token: text().notNull(),
    action: text({ enum: actions }).notNull(),
    resource: text({ enum: resources }).notNull(),
    /** The row's natural key: manufacturer, and sku or model. The id is not known before a row is created. */
    manufacturer: text().notNull(),
    name: text().notNull(),
    before_sha256: text(),
    after_sha256: text(),
  },
  (table) => [
    index('changes_by_row').on(table.resource, table.manufacturer, table.name),
    oneOf('catalogue_changes', 'action', actions),
    oneOf('catalogue_changes', 'resource', resources),
  ],
)
