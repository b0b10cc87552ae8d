/** Entity tags of the catalogue's lists and items, by which a client learns whether its copy is current (RFC 9110 section 8.8.3). */
import type { Context } from 'hono'
import { REVISION_HEADER } from '../../../protocol/catalogue/vocabulary.ts'
import { openCatalogue, readRevision } from '../queries/catalogue-queries.ts'
import type { Env } from '../../env.ts'
import { publicFor } from '../../http/cache-control.ts'
import { shortHash } from '../../http/hash.ts'

/** To be raised when the same rows are shown in other bytes, so that the tags of an older edge do not match. */
const REPRESENTATION_VERSION = 1

/** The entity tag of the response to `question` (see `canonical`) at `revision`. */
export async function entityTag(revision: number, question: string): Promise<string> {
  return `"r${revision}-${await shortHash(`${REPRESENTATION_VERSION} ${question}`)}"`
}

/** Whether an If-None-Match header matches `tag`: a list, weakly compared, or `*` (RFC 9110 section 13.1.2). */
export function matchesTag(ifNoneMatch: string, tag: string): boolean {
  return ifNoneMatch.split(',').some((given) => {
    const candidate = given.trim().replace(/^W\//, '')
    return candidate === '*' || candidate === tag
  })
}

/**
 * Headers of a 304 when the client has the current response to `question`, else undefined. Costs one row read, and nothing
 * without If-None-Match.
 */
export async function alreadyHeld(c: Context<{ Bindings: Env }>, question: string) {
  const ifNoneMatch = c.req.header('if-none-match')
  if (ifNoneMatch === undefined) return undefined
  const revision = await readRevision(openCatalogue(c.env.DB))
  const tag = await entityTag(revision, question)
  return matchesTag(ifNoneMatch, tag) ? freshHeaders(revision, tag) : undefined
}

/** Headers of a response that may be cached for a minute and is then revalidated by its tag. */
export function freshHeaders(revision: number, tag: string) {
  return {
    etag: tag,
    'cache-control': publicFor(60),
    [REVISION_HEADER]: String(revision),
  }
}

/** The entity tag of one item, made from its content, so that a change elsewhere in the catalogue does not change it. */
export async function itemTag(item: object): Promise<string> {
  return `"${await shortHash(JSON.stringify(item))}"`
}

/** Headers of the response that shows `item`, and whether the client has it already. */
export async function itemAnswer(c: Context<{ Bindings: Env }>, revision: number, item: object) {
  const tag = await itemTag(item)
  const ifNoneMatch = c.req.header('if-none-match')
  return {
    held: ifNoneMatch !== undefined && matchesTag(ifNoneMatch, tag),
    headers: freshHeaders(revision, tag),
  }
}
