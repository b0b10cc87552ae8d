/**
 * Keyset paging. A cursor names the last row of a page and carries a hash of the list that it came from and of its position, so that one
 * that was damaged, or is used with other filters, is refused. The hash has no key: anybody can make a cursor, which starts the same
 * list elsewhere and shows nothing that the list does not show anyway.
 */
import type { Resource } from '../../../protocol/catalogue/vocabulary.ts'
import { shortHash } from '../../http/hash.ts'
import { Problem } from '../../http/problem.ts'

/**
 * The last row of a page: its id and, when the list is sorted by another column, its value there (null: not known).
 * With `back`, the page before that row.
 */
export type Position = { readonly id: number; readonly value?: Value; readonly back?: true }
type Value = string | number | null

export type Page<Item> = { readonly revision: number; readonly items: Item[] }

/** A list under fixed filters, in a total order, that can be read from any position. */
export type Listing<Item> = {
  readonly resource: Resource
  readonly filters: Record<string, unknown>
  /** At most `limit` items after `after` (before it with `back`), or from the beginning; always in the order of the list. */
  list(after: Position | undefined, limit: number): Promise<Page<Item>>
  position(item: Item): Position
}

/** A request's parameters as text, the same whatever order they were given in. */
export function canonical(resource: string, parameters: Record<string, unknown>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined)
  return JSON.stringify([resource, given.sort(([a], [b]) => (a < b ? -1 : 1))])
}

/** `[version, hash, id, value?, back?]` as base64url JSON; characters that `btoa` does not take (beyond Latin-1) are escaped. */
export async function encodeCursor(list: string, { id, value, back }: Position): Promise<string> {
  const place = back === true ? [id, value ?? null, 1] : value === undefined ? [id] : [id, value]
  const fields = [1, await shortHash(list + JSON.stringify(place)), ...place]
  const ascii = JSON.stringify(fields).replaceAll(
    /[^\u0020-\u007e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return btoa(ascii).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** The position in `cursor`. Throws `bad_cursor` unless it is one that `encodeCursor` makes for this list. */
export async function decodeCursor(list: string, cursor: string): Promise<Position> {
  const position = parsePosition(cursor)
  if (position === undefined || (await encodeCursor(list, position)) !== cursor) {
    throw badCursor()
  }
  return position
}

export function badCursor(): Problem {
  return new Problem('bad_cursor', {
    detail: 'A cursor continues the list it came from, with the same filters.',
    faults: [{ parameter: 'cursor', detail: 'not made for this list' }],
  })
}

function parsePosition(cursor: string): Position | undefined {
  let fields: unknown
  try {
    fields = JSON.parse(atob(cursor.replaceAll('-', '+').replaceAll('_', '/')))
  } catch {
    return undefined // not base64, or not JSON: not a cursor
  }
  if (!Array.isArray(fields)) return undefined
  const [version, , id, value, back] = fields as unknown[]
  if (version !== 1 || !Number.isSafeInteger(id) || !(back === undefined || back === 1)) return undefined
  if (!(value === undefined || value === null || typeof value === 'string' || Number.isSafeInteger(value)))
    return undefined
  return {
    id: id as number,
    ...(value === undefined ? {} : { value: value as Value }),
    ...(back === undefined ? {} : { back: true }),
  }
}
