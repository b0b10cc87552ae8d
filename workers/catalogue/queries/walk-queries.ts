/**
 * Walking a list along an index: from any place, in either direction, with the rows whose value is not known at the end.
 * A walk has two segments, the known values and the unknown ones; each is one range of one index, so a page costs its own rows
 * wherever it stands. Whatever is not part of the walk is marked with a unary plus, or SQLite might take another index and sort.
 */
import { and, asc, desc, gt, isNull, lt, sql, type Column, type SQL } from 'drizzle-orm'
import { runBatch, selectRevision, type Catalogue } from './catalogue-queries.ts'
import type { Page, Position } from './paging.ts'
import { Problem } from '../../http/problem.ts'

type Value = string | number

export type Walk = {
  /** The conditions of the list, those that lead into the index included. */
  readonly where: readonly (SQL | undefined)[]
  /** The column of the order and the bounds on it; absent: by id alone. */
  readonly sort?: { readonly column: Column; readonly least?: Value; readonly greatest?: Value }
  /** The id, by the name under which the walked index has it. */
  readonly tie: Column
  readonly descending: boolean
  /** Sorts what the conditions leave instead of following an index of the order. */
  readonly sorting?: boolean
}

type Segment = 'known' | 'unknown'

/** Below every value that a column can hold. */
function beneath(column: Column): Value {
  return column.dataType === 'number' ? Number.MIN_SAFE_INTEGER : ''
}

/** `column` where no index may serve it. */
export function aside(column: Column): SQL {
  return sql`+${column}`
}

function segmentsOf({ sort }: Walk, { back, value }: Partial<Position>): Segment[] {
  const bounded = sort?.least !== undefined || sort?.greatest !== undefined
  const all: Segment[] =
    sort === undefined || sort.column.notNull || bounded ? ['known'] : ['known', 'unknown']
  if (value === undefined) return all
  const here: Segment = value === null ? 'unknown' : 'known'
  // Backwards, what is not known comes first.
  const ordered = back === true ? all.toReversed() : all
  return ordered.slice(Math.max(0, ordered.indexOf(here)))
}

/** Condition and order of one segment. `after` is the place within it, when the walk begins there. */
function segment(walk: Walk, part: Segment, downwards: boolean, after: Position | undefined) {
  const { sort, tie: id } = walk
  const by = downwards ? desc : asc
  const tie = walk.sorting === true ? aside(id) : id
  const passed = after && (downwards ? lt : gt)(id, after.id)
  // A bound that says nothing makes a range of the table's own order, which would be called a scan.
  if (sort === undefined) return { where: and(...walk.where, passed ?? gt(id, 0)), order: [by(tie)] }

  const column = walk.sorting === true ? aside(sort.column) : sort.column
  if (part === 'unknown') return { where: and(...walk.where, isNull(column), passed), order: [by(tie)] }
  // One lower and one upper bound: with two SQLite might begin at the looser one and read its way to the other. The place is that
  // of the next id, for the row at the place itself would be read and dropped.
  const place =
    after &&
    (downwards
      ? sql`(${column}, ${tie}) <= (${after.value}, ${after.id - 1})`
      : sql`(${column}, ${tie}) >= (${after.value}, ${after.id + 1})`)
  const least = sort.least ?? beneath(sort.column)
  const lower = (!downwards && place) || sql`${column} >= ${least}`
  const upper =
    (downwards && place) || (sort.greatest === undefined ? undefined : sql`${column} <= ${sort.greatest}`)
  return { where: and(...walk.where, lower, upper), order: [by(column), by(tie)] }
}

/** How often a page is begun anew when the catalogue changes between its two segments. */
const MAX_PAGE_READS = 3

type Select = (where: SQL | undefined, order: SQL[], limit: number) => { getSQL(): SQL }

/**
 * At most `limit` rows after `position` (before it, when it looks back) in the order of the list, all of one revision.
 * `select` makes the statement of one segment. Throws `catalogue_changed`.
 */
export async function walkRows<Item>(
  catalogue: Catalogue,
  walk: Walk,
  position: Position | undefined,
  limit: number,
  select: Select,
): Promise<Page<Item>> {
  for (let attempt = 0; attempt < MAX_PAGE_READS; attempt++) {
    // oxlint-disable-next-line no-await-in-loop -- rows of two revisions are no page: it is begun anew
    const page = await walkOnce<Item>(catalogue, walk, position, limit, select)
    if (page !== undefined) return page
  }
  throw new Problem('catalogue_changed', { headers: { 'retry-after': '1' } })
}

async function walkOnce<Item>(
  catalogue: Catalogue,
  walk: Walk,
  position: Position | undefined,
  limit: number,
  select: Select,
): Promise<Page<Item> | undefined> {
  const back = position?.back === true
  const items: Item[] = []
  let revision: number | undefined
  let after = position
  for (const part of segmentsOf(walk, position ?? {})) {
    const { where, order } = segment(walk, part, walk.descending !== back, after)
    const statement = select(where, order, limit - items.length)
    // oxlint-disable-next-line no-await-in-loop -- the second segment is read only where the first one ends
    const [revisions = [], found = []] = await runBatch(catalogue, [selectRevision(catalogue), statement])
    const seen = Number(revisions[0]?.['revision'] ?? 0)
    if (revision !== undefined && revision !== seen) return undefined
    revision = seen
    items.push(...(found as Item[]))
    if (items.length >= limit) break
    after = undefined
  }
  return { revision: revision ?? 0, items: back ? items.toReversed() : items }
}
