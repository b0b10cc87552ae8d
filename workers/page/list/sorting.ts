/** How a list is ordered: `sort` names a field, `order` says asc (the default) or desc. */
import { orderedBy } from '../../../protocol/catalogue/filters.ts'
import { address, type Given } from '../address.ts'
import { columnLabel } from '../labels.ts'
import { symbolOf } from '../measures.ts'
import type { Parameter } from '../parameters.ts'

type Parameters = ReadonlyMap<string, Parameter>

/** Every field that a list can be ordered by, to choose from. */
export function sortChoices(parameters: Parameters): { value: string; label: string }[] {
  return (parameters.get('sort')?.choices ?? []).map((value) => ({ value, label: columnLabel(value) }))
}

export type SortState = 'ascending' | 'descending' | undefined

/** How the list is ordered by this field now. */
export function sortState(given: Given, field: string): SortState {
  if ((orderedBy(given) ?? 'id') !== field) return undefined
  return given['order'] === 'desc' ? 'descending' : 'ascending'
}

/**
 * Where the head of a column leads: figures the greatest first, words from A, and the other way round the second time.
 * Undefined where no such order is served.
 */
export function sortAddress(
  path: string,
  parameters: Parameters,
  given: Given,
  field: string,
): string | undefined {
  if (!parameters.get('sort')?.choices?.includes(field)) return undefined
  const state = sortState(given, field)
  const descending = state === undefined ? symbolOf(field) !== '' : state === 'ascending'
  return address(path, given, { sort: field, order: descending ? 'desc' : undefined, cursor: undefined })
}
