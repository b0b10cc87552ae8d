/** Responses of a route as its OpenAPI description states them. */
import type { z } from '@hono/zod-openapi'
import { ProblemDocument } from '../../protocol/catalogue/shapes.ts'

export function problem(description: string) {
  return {
    description,
    content: { 'application/problem+json': { schema: ProblemDocument } },
  }
}

export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
  return {
    description,
    content: { 'application/json': { schema } },
  }
}
