/**
 * An edge may take requests before its database is there: `voltdrop edge` listens, then creates and fills it. Until then the catalogue
 * is not empty but unavailable.
 */
import type { MiddlewareHandler } from 'hono'
import type { Env } from '../../env.ts'
import { Problem } from '../../http/problem.ts'
import { openCatalogue } from '../queries/catalogue-queries.ts'
import { hasMigration } from '../queries/readiness-queries.ts'

/** The seed takes a second. */
const RETRY_AFTER_SECONDS = '2'

/** It does not become unready again. */
let isReady = false

export function notReady(): Problem {
  return new Problem('unavailable', {
    detail: 'the database of the catalogue is not there yet',
    headers: { 'retry-after': RETRY_AFTER_SECONDS },
  })
}

/** Answers `unavailable` until the migration of AWAITED_MIGRATION has been applied. */
export const whenReady: MiddlewareHandler<{ Bindings: Env }> = async function whenReady(c, next) {
  const awaited = c.env.AWAITED_MIGRATION
  if (!isReady && awaited !== undefined) {
    isReady = await hasMigration(openCatalogue(c.env.DB), awaited)
    if (!isReady) throw notReady()
  }
  await next()
}
