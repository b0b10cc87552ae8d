/** Checks a value against the part of JSON Schema that the edge's OpenAPI document uses. */
import type { Schema } from '../../../workers/reference/openapi-document.ts'

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}

/** The faults of `value` with their places; empty when it matches `schema`. A field that is not described is a fault too. */
export function mismatches(
  value: unknown,
  schema: Schema,
  shapes: Readonly<Record<string, Schema>>,
  at = '',
): string[] {
  const name = schema.$ref?.split('/').at(-1)
  if (name !== undefined) {
    const shape = shapes[name]
    return shape === undefined ? [`${at}: no shape ${name}`] : mismatches(value, shape, shapes, at)
  }
  if (schema.anyOf !== undefined) {
    const tried = schema.anyOf.map((branch) => mismatches(value, branch, shapes, at))
    return tried.some((found) => found.length === 0) ? [] : (tried[0] ?? [])
  }
  const type = typeOf(value)
  const types = [schema.type ?? []].flat()
  const fits = types.length === 0 || types.includes(type) || (type === 'integer' && types.includes('number'))
  if (!fits) return [`${at}: ${type} instead of ${types.join(' or ')}`]
  if (schema.enum !== undefined && !schema.enum.includes(value))
    return [`${at}: ${String(value)} is not listed`]
  if (Array.isArray(value)) {
    return value.flatMap((item, i) => mismatches(item, schema.items ?? {}, shapes, `${at}/${i}`))
  }
  if (type !== 'object') return []
  const { properties, required = [] } = schema
  if (properties === undefined) return []
  const missing = required.filter((field) => !Object.hasOwn(value as object, field))
  return [
    ...missing.map((field) => `${at}/${field}: missing`),
    ...Object.entries(value as object).flatMap(([field, item]) => {
      const of = properties[field]
      return of === undefined
        ? [`${at}/${field}: not described`]
        : mismatches(item, of, shapes, `${at}/${field}`)
    }),
  ]
}
