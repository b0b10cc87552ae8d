/** `GET /health`: whether the edge runs and reaches its database. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { openCatalogue, readRevision } from './catalogue/queries/catalogue-queries.ts'
import type { Env } from './env.ts'
import { json } from './http/openapi-responses.ts'

const read = createRoute({
  method: 'get',
  path: '/',
  summary: 'Whether the edge and its database answer',
  responses: {
    200: json(z.object({ status: z.literal('ok'), revision: z.int() }), 'Both do.'),
  },
})

export const health = new OpenAPIHono<{ Bindings: Env }>().openapi(read, async (c) =>
  c.json({ status: 'ok' as const, revision: await readRevision(openCatalogue(c.env.DB)) }, 200),
)
