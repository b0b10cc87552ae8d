/**
 * Walks a list along an index: from any position, in either direction, with the rows whose value is not known at the end.
 * A walk has two segments, the known values and the unknown ones. Each is one range of one index, so every page reads only its own
 * rows. Columns that are not part of the walk carry a unary plus, or SQLite might choose another index and sort.
 */
import { and, asc, desc, gt, isNull, lt, sql, type Column, type SQL } from 'drizzle-orm'
import { runBatch, selectRevision, type Catalogue } from './catalogue-queries.ts'
import { badCursor, type Page, type Position } from './cursor.ts'
import { Problem } from '../../http/problem.ts'

type Value = string | number

export type Walk = {
  /** All conditions on the rows, those served by the index included. */
  readonly where: readonly (SQL | undefined)[]
  /** The sort column and the bounds on it; absent: by id alone. */
  readonly sort?: { readonly column: Column; readonly least?: Value; readonly greatest?: Value }
  /** The id, by its name in the index that is walked. */
  readonly tie: Column
  readonly descending: boolean
  /** The rows that match are sorted; no index has their order. */
  readonly sorting?: boolean
}

type Segment = 'known' | 'unknown'

/** A value below every other that a column can hold. */
function beneath(column: Column): Value {
  return column.dataType === 'number' ? Number.MIN_SAFE_INTEGER : ''
}

/** `column` in a form that no index serves. */
export function aside(column: Column): SQL {
  return sql`+${column}`
}

function segmentsOf({ sort }: Walk, { back, value }: Partial<Position>): Segment[] {
  const bounded = sort?.least !== undefined || sort?.greatest !== undefined
  const all: Segment[] =
    sort === undefined || sort.column.notNull || bounded ? ['known'] : ['known', 'unknown']
  if (value === undefined) return all
  const here: Segment = value === null ? 'unknown' : 'known'
  // Backwards, the unknown values come first.
  const ordered = back === true ? all.toReversed() : all
  return ordered.slice(Math.max(0, ordered.indexOf(here)))
}

/** Condition and order of one segment. `after` is the position in it from which the walk starts, if it does. */
function segment(walk: Walk, part: Segment, downwards: boolean, after: Position | undefined) {
  const { sort, tie: id } = walk
  const by = downwards ? desc : asc
  const tie = walk.sorting === true ? aside(id) : id
  const passed = after && (downwards ? lt : gt)(id, after.id)
  // `id > 0` excludes nothing, but makes the plan a search of the primary key, where it would otherwise be a scan.
  if (sort === undefined) return { where: and(...walk.where, passed ?? gt(id, 0)), order: [by(tie)] }

  const column = walk.sorting === true ? aside(sort.column) : sort.column
  if (part === 'unknown') return { where: and(...walk.where, isNull(column), passed), order: [by(tie)] }
  // At most one lower and one upper bound: of two, SQLite might use the looser one and read the rows up to the other. The bound is at
  // the next id, because the row at the position itself would be read and dropped.
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

/** Times that a page is read from its beginning, when the catalogue changes between its two segments. */
const MAX_PAGE_READS = 3

type Select = (where: SQL | undefined, order: SQL[], limit: number) => { getSQL(): SQL }

/**
 * At most `limit` rows after `position` (before it with `back`) in the order of the list, all of one revision. `select` makes the
 * statement of one segment. Throws `catalogue_changed` when the catalogue keeps changing, `bad_cursor` for a position without the value
 * that a sorted list needs: cursors can be invented.
 */
export async function walkRows<Item>(
  catalogue: Catalogue,
  walk: Walk,
  position: Position | undefined,
  limit: number,
  select: Select,
): Promise<Page<Item>> {
  if (walk.sort !== undefined && position !== undefined && position.value === undefined) throw badCursor()
  for (let attempt = 0; attempt < MAX_PAGE_READS; attempt++) {
    // oxlint-disable-next-line no-await-in-loop -- a page must be of one revision, or it is read again
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
    // oxlint-disable-next-line no-await-in-loop -- the second segment is read only when the first does not fill the page
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
