/** The parameters of a list, read from the API's own shapes, so that the page offers every filter that the API has. */
import { z } from '@hono/zod-openapi'

export type Parameter = {
  readonly name: string
  readonly description: string | undefined
  /** The values it may have, when they are a closed set. */
  readonly choices: readonly string[] | undefined
  /** The minimum of a number. */
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
