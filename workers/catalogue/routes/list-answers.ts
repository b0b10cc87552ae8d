/** The answers of the catalogue's routes: a page of a list with links to its neighbours, or a file. */
import type { Context } from 'hono'
import { REVISION_HEADER } from '../../../protocol/catalogue/vocabulary.ts'
import type { Env } from '../../env.ts'
import { streamExport, type Exported } from '../export/stream-export.ts'
import { exportName } from '../../../protocol/catalogue/export-name.ts'
import type { CatalogueRow } from '../../../protocol/catalogue/column-facts.ts'
import { layouts } from '../export/export-format.ts'
import { exportQuestion, takeTurn } from '../export/export-turns.ts'
import { openCatalogue, readRevision } from '../queries/catalogue-queries.ts'
import { limitRate } from '../../http/rate-limit.ts'
import { alreadyHeld, entityTag, freshHeaders } from './entity-tags.ts'
import { canonical, decodeCursor, encodeCursor, type Listing, type Position } from '../queries/cursor.ts'

type RequestContext = Context<{ Bindings: Env }>
type PageQuery = {
  readonly limit: number
  readonly cursor?: string | undefined
  readonly fields?: readonly string[] | undefined
  readonly include?: readonly string[] | undefined
}

/** A list as a route shows it. */
export type ShownList<Item, View> = Listing<Item> & {
  /** How many rows the whole list has. */
  readonly total: () => Promise<number>
  /** A page may read many more rows than it shows. */
  readonly isCostly: boolean
  /** An item with the fields and views that were asked for. */
  readonly show: (item: Item) => View
}

const TOO_COSTLY = 'too many lists from this address that read the whole catalogue; an export is one request'

/** A page with its headers, or the headers of a 304 as `held`. Throws `bad_cursor`, and `rate_limited` for costly lists. */
export async function readPage<Item, View>(
  c: RequestContext,
  listing: ShownList<Item, View>,
  { limit, cursor, fields, include }: PageQuery,
) {
  const question = canonical(listing.resource, { ...listing.filters, limit, cursor, fields, include })
  const held = await alreadyHeld(c, question)
  if (held !== undefined) return { held }

  const thisList = canonical(listing.resource, listing.filters)
  const place = cursor === undefined ? undefined : await decodeCursor(thisList, cursor)
  const withTotal = include?.includes('total') === true
  if (listing.isCostly || withTotal) await limitRate(c.req, c.env.COSTLY_LIST_LIMIT, TOO_COSTLY)
  // One row more than asked for shows whether another page follows: without a count, and without an empty last page.
  const { revision, items: found } = await listing.list(place, limit + 1)
  const { items, before, after } = cut(found, limit, place)
  async function cursorAt(item: Item | undefined, back?: true) {
    return item === undefined
      ? null
      : encodeCursor(thisList, { ...listing.position(item), ...(back ? { back } : {}) })
  }
  const next = after ? await cursorAt(items.at(-1)) : null
  const previous = before ? await cursorAt(items[0], true) : null
  const total = withTotal ? { total: await listing.total() } : {}
  return {
    page: { revision, items: items.map(listing.show), next, previous, ...total },
    headers: {
      ...freshHeaders(revision, await entityTag(revision, question)),
      ...links(c, { next, previous }),
    },
  }
}

/** The page among the rows that were read, and whether there are rows before and after it. */
function cut<Item>(found: Item[], limit: number, place: Position | undefined) {
  const more = found.length > limit
  if (place?.back === true) return { items: more ? found.slice(1) : found, before: more, after: true }
  return { items: found.slice(0, limit), before: place !== undefined, after: more }
}

/** Only these columns of a row, in their order. */
export function pick<Item extends object>(fields: readonly string[]) {
  return (item: Item): Item =>
    Object.fromEntries(fields.map((field) => [field, item[field as keyof Item]])) as Item
}

/** `Link: <...>; rel="next", <...>; rel="prev"` (RFC 8288), relative to the request's own address. */
function links(c: RequestContext, { next, previous }: { next: string | null; previous: string | null }) {
  const link = Object.entries({ next, prev: previous }).flatMap(([relation, cursor]) => {
    if (cursor === null) return []
    const query = new URL(c.req.url).searchParams
    query.set('cursor', cursor)
    return [`<${c.req.path}?${query.toString()}>; rel="${relation}"`]
  })
  return link.length === 0 ? {} : { link: link.join(', ') }
}

/** Streams the file, with headers that name its revision and file name; 304 to a client that has it. Throws `rate_limited`. */
export async function answerFile<Item extends CatalogueRow>(c: RequestContext, source: Exported<Item>) {
  const question = exportQuestion(source)
  const held = await alreadyHeld(c, question)
  if (held !== undefined) return c.body(null, 304, { ...held, 'cache-control': 'no-store' })
  const { revision, stream } = await openFile(c, source, question)
  return c.body(stream, 200, {
    'content-type': layouts[source.format].mediaType,
    'content-disposition': `attachment; filename="${nameOf(c, source, revision)}"`,
    etag: await entityTag(revision, question),
    [REVISION_HEADER]: String(revision),
  })
}

/** The name of the file, from the parameters as they stand in the address. */
function nameOf(
  c: RequestContext,
  { resource, format }: Pick<Exported<CatalogueRow>, 'resource' | 'format'>,
  revision: number,
): string {
  const parameters = Object.entries(c.req.query()).filter(([name]) => name !== 'as')
  return exportName({ resource, revision, extension: format, parameters })
}

/** HEAD asks for the headers alone: no row is read. */
async function openFile<Item extends CatalogueRow>(
  c: RequestContext,
  source: Exported<Item>,
  question: string,
) {
  if (c.req.method !== 'HEAD') return streamExport(source, await takeTurn(c, question))
  const nothing = new ReadableStream<Uint8Array>({ start: (controller) => controller.close() })
  return { revision: await readRevision(openCatalogue(c.env.DB)), stream: nothing }
}
