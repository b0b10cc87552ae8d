/** Turns at the export desk (durable/exports/): for the streams of exports, and for digests, which are computed by one reader for all. */
import type { Context } from 'hono'
import type { ExportDigest } from '../../../protocol/catalogue/vocabulary.ts'
import type { CatalogueRow } from '../../../protocol/catalogue/column-facts.ts'
import type { Env } from '../../env.ts'
import { clientKey } from '../../http/client-address.ts'
import { sha256Hex } from '../../http/hash.ts'
import { tooManyRequests } from '../../http/rate-limit.ts'
import { openCatalogue, readRevision } from '../queries/catalogue-queries.ts'
import { canonical } from '../queries/cursor.ts'
import { digestExport, type Exported, type Turn } from './stream-export.ts'

type RequestContext = Context<{ Bindings: Env }>

/** How long an export of an ordinary list takes. */
const RETRY_AFTER_SECONDS = '5'
/** Pause before each page. In an edge that is one process, pages that follow one another at once let no other request in between. */
const MIN_PAUSE_MS = 10
/** And for each other export: all of them together then keep the database no busier than one. */
const PAUSE_MS = 100

/** There is one desk for the whole edge. */
function deskOf({ env }: RequestContext) {
  return env.EXPORT_DESK.getByName('exports')
}

function addressOf(c: RequestContext): string | undefined {
  return clientKey(c.req.header('cf-connecting-ip'))
}

/** The export that is asked for as text, the same however its parameters were written. */
export function exportQuestion({
  resource,
  filters,
  fields,
  format,
}: Pick<Exported<CatalogueRow>, 'resource' | 'filters' | 'fields' | 'format'>): string {
  return canonical(`${resource}/export`, { ...filters, fields, as: format })
}

/** A turn to run the export of `question`. Throws `rate_limited`. */
export async function takeTurn(c: RequestContext, question: string): Promise<Turn> {
  const slot = await deskOf(c).begin(addressOf(c))
  if ('refused' in slot) throw tooManyExports(slot.refused)
  return turnOf(c, slot.ticket, await sha256Hex(question))
}

/** The digest of an export: remembered, waited for, or computed here for everybody who waits. Throws `rate_limited`. */
export async function digestOnce<Item extends CatalogueRow>(
  c: RequestContext,
  source: Exported<Item>,
): Promise<ExportDigest> {
  const key = await sha256Hex(exportQuestion(source))
  const revision = await readRevision(openCatalogue(c.env.DB))
  const given = await deskOf(c).digest({ key, revision }, addressOf(c))
  if ('digest' in given) return given.digest
  if ('refused' in given) throw tooManyExports(given.refused)
  const computed = digestExport(source, turnOf(c, given.ticket, key))
  // Others wait for it, also when this client does not wait any longer.
  c.executionCtx.waitUntil(computed.catch(() => {}))
  return computed
}

function turnOf(c: RequestContext, ticket: string, key: string): Turn {
  return {
    async keep() {
      const others = await deskOf(c).keep(ticket, addressOf(c))
      if (others === undefined) throw tooManyExports('edge')
      await scheduler.wait(MIN_PAUSE_MS + PAUSE_MS * others)
    },
    end(digest) {
      // Should it fail, the ticket expires.
      c.executionCtx.waitUntil(
        deskOf(c)
          .end(ticket, key, digest)
          .catch(() => {}),
      )
    },
  }
}

function tooManyExports(whose: 'address' | 'edge') {
  const detail =
    whose === 'address' ? 'too many exports at once from this address' : 'too many exports run at this moment'
  return tooManyRequests(detail, RETRY_AFTER_SECONDS)
}
