/**
 * What a list can be asked, read out of the API's own shapes: a filter that the API learns is offered by the page without a line here.
 */
import { z } from '@hono/zod-openapi'

export type Parameter = {
  readonly name: string
  readonly description: string | undefined
  /** The closed set it takes its value from. */
  readonly choices: readonly string[] | undefined
  /** The least value of a number. */
  readonly least: number | undefined
  readonly numeric: boolean
  readonly maxLength: number | undefined
}

type Property = {
  type?: string
  description?: string
  enum?: unknown[]
  minimum?: number
  maxLength?: number
}

/** The parameters of `shape` by name, in its order. */
export function parametersOf(shape: z.ZodType): ReadonlyMap<string, Parameter> {
  const { properties = {} } = z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' })
  return new Map(
    Object.entries(properties as Record<string, Property>).map(([name, property]) => [
      name,
      {
        name,
        description: property.description,
        choices: property.enum?.map(String),
        least: property.minimum,
        numeric: property.type === 'integer' || property.type === 'number',
        maxLength: property.maxLength,
      },
    ]),
  )
}
