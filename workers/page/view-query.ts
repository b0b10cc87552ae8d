/** The query of a view: the parameters are those of the API, so that every view can be linked and kept. */
import { toBase } from './measures.ts'

/** The parameters of a view that have a value. */
export type Given = Readonly<Record<string, string | readonly string[]>>

/** Ends the name of a form field that takes a readable unit, volts for `min_nominal_voltage_mv`. */
export const READABLE_SUFFIX = '.readable'

/**
 * Reads a query as parameters of the API. A form also sends fields that were left empty, and numbers in readable units; then
 * `canonical` is false, and the view has a shorter address. Repeated parameters are kept, for the API's own shapes to refuse.
 */
export function readQuery(queries: Record<string, string[]>): { given: Given; canonical: boolean } {
  // A map, because the names are a stranger's: an object has `constructor` and `__proto__` already.
  const given = new Map<string, string[]>()
  let canonical = true
  for (const [name, values] of Object.entries(queries)) {
    const field = name.endsWith(READABLE_SUFFIX) ? name.slice(0, -READABLE_SUFFIX.length) : undefined
    const filled = values.filter((value) => value.trim() !== '')
    if (field !== undefined || filled.length < values.length) canonical = false
    if (filled.length === 0) continue
    const converted = field === undefined ? filled : filled.map((value) => toBase(field, value))
    given.set(field ?? name, [...(given.get(field ?? name) ?? []), ...converted])
  }
  const single = [...given].map(([name, values]) => [name, values.length === 1 ? values[0] : values])
  return { given: Object.fromEntries(single) as Given, canonical }
}

/** The address of the view at `path` with these parameters and changes to them; undefined removes one. */
export function queryAddress(
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

const PAGING_PARAMETERS: readonly string[] = ['cursor', 'limit']

/** The parameters that select rows, without those that select a page of them. */
export function withoutPaging(given: Given): Given {
  return Object.fromEntries(Object.entries(given).filter(([name]) => !PAGING_PARAMETERS.includes(name)))
}
