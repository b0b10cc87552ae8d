/** The addresses of the page. A view is its address: the parameters are those of the API, so every view can be linked and kept. */
import { toBase } from './measures.ts'

/** What a view was asked: parameters that were given something. */
export type Given = Readonly<Record<string, string | readonly string[]>>

export function batteryAddress(id: number): string {
  return `/view/batteries/${id}`
}
export function productAddress(id: number): string {
  return `/view/products/${id}`
}
export function compareAddress(ids: readonly number[]): string {
  return ids.length === 0 ? '/compare' : `/compare?${ids.map((id) => `id=${id}`).join('&')}`
}

/** Ends the name of a form field that takes a readable unit, volts for `min_nominal_voltage_mv`. */
export const READABLE_SUFFIX = '.readable'

/**
 * What a view is asked. A form also sends fields that were left empty, and figures in readable units: `proper` is false for these,
 * and the view has a better address. Repetitions are kept, for the API's own shapes to refuse.
 */
export function readGiven(queries: Record<string, string[]>): { given: Given; proper: boolean } {
  const given: Record<string, string[]> = {}
  let proper = true
  for (const [name, values] of Object.entries(queries)) {
    const field = name.endsWith(READABLE_SUFFIX) ? name.slice(0, -READABLE_SUFFIX.length) : undefined
    const filled = values.filter((value) => value.trim() !== '')
    if (field !== undefined || filled.length < values.length) proper = false
    if (filled.length === 0) continue
    const converted = field === undefined ? filled : filled.map((value) => toBase(field, value))
    given[field ?? name] = [...(given[field ?? name] ?? []), ...converted]
  }
  const single = Object.entries(given).map(([name, values]) => [
    name,
    values.length === 1 ? values[0] : values,
  ])
  return { given: Object.fromEntries(single) as Given, proper }
}

/** The address of the view at `path` with these parameters, some changed; undefined takes one away. */
export function address(
  path: string,
  given: Given,
  changes: Record<string, string | undefined> = {},
): string {
  const query = new URLSearchParams()
  for (const [name, values] of Object.entries({ ...given, ...changes })) {
    for (const value of typeof values === 'string' ? [values] : (values ?? [])) query.append(name, value)
  }
  return query.size === 0 ? path : `${path}?${query.toString()}`
}

/** How a view is leafed through; a change of what is listed begins at its first page again. */
const paging = ['cursor', 'limit'] as const

/** The parameters that say which rows are meant, without those that say which page of them is seen. */
export function withoutPaging(given: Given): Given {
  return Object.fromEntries(
    Object.entries(given).filter(([name]) => !(paging as readonly string[]).includes(name)),
  )
}
