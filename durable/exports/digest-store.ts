/** Digests of exports that were made before, in the database of a Durable Object: of one revision, and a bounded number of them. */
import type { ExportDigest } from '../../protocol/catalogue/vocabulary.ts'

/** Which bytes: a hash of the export's parameters, at a revision. Parameters are a reader's choice, their hash has one length. */
export type ExportQuestion = { readonly key: string; readonly revision: number }

/** The filters are a reader's choice, so there is no end of them: those asked for least recently are dropped. */
const MAX_DIGESTS = 1_000
/** A database that was put back to an earlier state may reach a revision again with other rows. */
const LIFE_MS = 3_600_000

export class DigestStore {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
    sql.exec(
      `CREATE TABLE IF NOT EXISTS digests (
         key TEXT PRIMARY KEY,
         revision INTEGER NOT NULL,
         digest TEXT NOT NULL,
         made_at INTEGER NOT NULL,
         asked_at INTEGER NOT NULL
       )`,
    )
    sql.exec('CREATE INDEX IF NOT EXISTS digests_asked_at ON digests (asked_at)')
  }

  find({ key, revision }: ExportQuestion): ExportDigest | undefined {
    const now = Date.now()
    const [found] = this.#sql
      .exec<{
        digest: string
      }>(
        'UPDATE digests SET asked_at = ? WHERE key = ? AND revision = ? AND made_at > ? RETURNING digest',
        now,
        key,
        revision,
        now - LIFE_MS,
      )
      .toArray()
    return found === undefined ? undefined : (JSON.parse(found.digest) as ExportDigest)
  }

  /** Drops the digests of every other revision, and those that are too many. */
  keep(key: string, digest: ExportDigest): void {
    const now = Date.now()
    this.#sql.exec('DELETE FROM digests WHERE revision <> ?', digest.revision)
    this.#sql.exec(
      'INSERT OR REPLACE INTO digests VALUES (?, ?, ?, ?, ?)',
      key,
      digest.revision,
      JSON.stringify(digest),
      now,
      now,
    )
    this.#sql.exec(
      'DELETE FROM digests WHERE key IN (SELECT key FROM digests ORDER BY asked_at DESC LIMIT -1 OFFSET ?)',
      MAX_DIGESTS,
    )
  }
}
