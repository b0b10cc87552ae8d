/** Tells a client whether what it holds is still what the catalogue says: ETag and revision of a read. */
import { REVISION_HEADER } from '../../../protocol/catalogue/vocabulary.ts'
import type { Context } from 'hono'
import { openCatalogue, readRevision } from '../queries/catalogue-queries.ts'
import type { Env } from '../../env.ts'
import { shortHash } from '../../http/hash.ts'

/** Raised when the same rows are shown in other bytes: an answer of an older edge must not match. */
const REPRESENTATION = 1

/** The entity tag of the answer to `question` (see `canonical`) at `revision`. */
export async function entityTag(revision: number, question: string): Promise<string> {
  return `"r${revision}-${await shortHash(`${REPRESENTATION} ${question}`)}"`
}

/** Whether `ifNoneMatch` names `tag` (RFC 9110, 13.1.2: weak comparison, a list, or `*`). */
export function names(ifNoneMatch: string, tag: string): boolean {
  return ifNoneMatch.split(',').some((given) => {
    const candidate = given.trim().replace(/^W\//, '')
    return candidate === '*' || candidate === tag
  })
}

/**
 * Headers of a 304 when the client already has the answer to `question`, else undefined. Costs one row read, and nothing for a
 * client that does not ask.
 */
export async function alreadyHeld(c: Context<{ Bindings: Env }>, question: string) {
  const ifNoneMatch = c.req.header('if-none-match')
  if (ifNoneMatch === undefined) return undefined
  const revision = await readRevision(openCatalogue(c.env.DB))
  const tag = await entityTag(revision, question)
  return names(ifNoneMatch, tag) ? freshHeaders(revision, tag) : undefined
}

/** Headers of an answer that may be kept a minute and asked about by its tag. */
export function freshHeaders(revision: number, tag: string) {
  return {
    etag: tag,
    'cache-control': 'public, max-age=60',
    [REVISION_HEADER]: String(revision),
  }
}

/** The entity tag of one item: of what is shown, so that a change elsewhere in the catalogue leaves it alone. */
export async function itemTag(item: object): Promise<string> {
  return `"${await shortHash(JSON.stringify(item))}"`
}

/** Headers of the answer that shows `item`, and whether the client holds it already. */
export async function itemAnswer(c: Context<{ Bindings: Env }>, revision: number, item: object) {
  const tag = await itemTag(item)
  const ifNoneMatch = c.req.header('if-none-match')
  return {
    held: ifNoneMatch !== undefined && names(ifNoneMatch, tag),
    headers: freshHeaders(revision, tag),
  }
}
