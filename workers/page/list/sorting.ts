/** The order of a list: `sort` names a field, `order` is asc (the default) or desc. */
import { queryAddress, type Given } from '../view-query.ts'
import { fieldLabel } from '../detail/battery-facts.ts'
import { symbolOf } from '../measures.ts'
import type { Parameter } from '../list-parameters.ts'

type Parameters = ReadonlyMap<string, Parameter>

/** The fields by which a list can be sorted. */
export function sortChoices(parameters: Parameters): { value: string; label: string }[] {
  return (parameters.get('sort')?.choices ?? []).map((value) => ({ value, label: fieldLabel(value) }))
}

export type SortState = 'ascending' | 'descending' | undefined

/** What the list is ordered by: what is said, else the first column with a bound (the API's own rule). */
function sortedBy(parameters: Parameters, given: Given): unknown {
  const bounded = [...parameters.keys()].find((name) => /^(min|max)_/.test(name) && given[name] !== undefined)
  return given['sort'] ?? bounded?.slice('min_'.length)
}

/** The order by this field; undefined when the list is sorted by another. */
export function sortState(parameters: Parameters, given: Given, field: string): SortState {
  if (sortedBy(parameters, given) !== field) return undefined
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
  const state = sortState(parameters, given, field)
  const descending = state === undefined ? symbolOf(field) !== '' : state === 'ascending'
  return queryAddress(path, given, { sort: field, order: descending ? 'desc' : undefined, cursor: undefined })
}
