/** The responses that the catalogue's routes share, as the OpenAPI document describes them. */
import { z } from '@hono/zod-openapi'
import { ExportDigestShape } from '../../../protocol/catalogue/shapes.ts'
import { json, problem } from '../../http/openapi-responses.ts'

export const notModified = { 304: { description: 'The client already has this (If-None-Match).' } } as const

export function pageAnswers<Schema extends z.ZodType>(schema: Schema) {
  return {
    200: json(schema, 'One page, and the cursor of the next.'),
    ...notModified,
    400: problem('The cursor does not continue this list.'),
    422: problem('A parameter is not valid.'),
    429: problem('This address has asked for too many lists that read the whole catalogue.'),
  }
}

export function itemAnswers<Schema extends z.ZodType>(schema: Schema) {
  return {
    200: json(schema, 'The item.'),
    ...notModified,
    404: problem('No item has this id.'),
    422: problem('The id is not a whole number.'),
  }
}

export const fileAnswers = {
  200: {
    description:
      'The whole list as a file. NDJSON ends with a record that proves it; see the digest for the others.',
    content: {
      'text/csv': { schema: z.string() },
      'application/x-ndjson': { schema: z.string() },
      'application/json': { schema: z.array(z.looseObject({})) },
    },
  },
  ...notModified,
  422: problem('A parameter is not valid.'),
  429: problem('Too many exports run at once, of this address or of all.'),
  503: problem('The catalogue changed before the file was made.'),
}

export const digestAnswers = {
  200: json(ExportDigestShape, 'Rows, length and digests of the file at this revision.'),
  422: problem('A parameter is not valid.'),
  429: problem('Too many exports run at once, of this address or of all.'),
  503: problem('The catalogue changed while the file was read.'),
}
