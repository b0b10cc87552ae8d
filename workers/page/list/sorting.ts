/** The order of a list: `sort` names a field, `order` is asc (the default) or desc. */
import { orderedBy } from '../../../protocol/catalogue/filters.ts'
import { queryAddress, type Given } from '../view-query.ts'
import { columnLabel } from '../labels.ts'
import { symbolOf } from '../measures.ts'
import type { Parameter } from '../list-parameters.ts'

type Parameters = ReadonlyMap<string, Parameter>

/** The fields by which a list can be sorted. */
export function sortChoices(parameters: Parameters): { value: string; label: string }[] {
  return (parameters.get('sort')?.choices ?? []).map((value) => ({ value, label: columnLabel(value) }))
}

export type SortState = 'ascending' | 'descending' | undefined

/** The order by this field; undefined when the list is sorted by another. */
export function sortState(given: Given, field: string): SortState {
  if ((orderedBy(given) ?? 'id') !== field) return undefined
  return given['order'] === 'desc' ? 'descending' : 'ascending'
}

/**
 * The link in the head of a column: sorts numbers with the greatest first and text from A, and reverses an order that is there
 * already. Undefined when the list cannot be sorted by this field.
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
  return queryAddress(path, given, { sort: field, order: descending ? 'desc' : undefined, cursor: undefined })
}
