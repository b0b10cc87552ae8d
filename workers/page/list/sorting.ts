/** How a list is ordered: `sort` names a field, `order` says asc (the default) or desc. */
import { queryAddress, type Given } from '../view-query.ts'
import { fieldLabel } from '../detail/battery-facts.ts'
import { symbolOf } from '../measures.ts'
import type { Parameter } from '../list-parameters.ts'

type Parameters = ReadonlyMap<string, Parameter>

/** Every field that a list can be ordered by, to choose from. */
export function sortChoices(parameters: Parameters): { value: string; label: string }[] {
  return (parameters.get('sort')?.choices ?? []).map((value) => ({ value, label: fieldLabel(value) }))
}

export type SortState = 'ascending' | 'descending' | undefined

/** What the list is ordered by: what is said, else the first column with a bound (the API's own rule). */
function sortedBy(parameters: Parameters, given: Given): unknown {
  const bounded = [...parameters.keys()].find((name) => /^(min|max)_/.test(name) && given[name] !== undefined)
  return given['sort'] ?? bounded?.slice('min_'.length)
}

/** How the list is ordered by this field now. */
export function sortState(parameters: Parameters, given: Given, field: string): SortState {
  if (sortedBy(parameters, given) !== field) return undefined
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
  const state = sortState(parameters, given, field)
  const descending = state === undefined ? symbolOf(field) !== '' : state === 'ascending'
  return queryAddress(path, given, { sort: field, order: descending ? 'desc' : undefined, cursor: undefined })
}
