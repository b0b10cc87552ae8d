/** Requests with a token that may write to the catalogue of a test's edge. */
import { createHash, randomBytes } from 'node:crypto'
import type { ProblemDocument } from '../../../protocol/catalogue/shapes.ts'
import type { Edge } from './edge.ts'

export const writeToken = randomBytes(32).toString('base64url')
export function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** For `startEdge`: the token's hash, which is all that the edge knows. */
export const writeSecrets = { WRITE_TOKEN_SHA256: sha256Of(writeToken) }

export type Answer = {
  readonly status: number
  readonly headers: Headers
  /** The parsed body, undefined when there is none. */
  readonly body: Record<string, unknown>
}

/** Sends a request with the token; an object becomes a JSON body. */
export async function send(
  edge: Edge,
  method: string,
  path: string,
  body?: object | string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(edge.url + path, {
    method,
    headers: {
      authorization: `Bearer ${writeToken}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
  }
}

/** Status and code of a problem document, and the places that it names. */
export function faults(answer: Answer): [number, string, ...string[]] {
  const { code, errors = [] } = answer.body as ProblemDocument
  return [
    answer.status,
    code,
    ...errors.map(({ pointer, parameter, header }) => pointer ?? parameter ?? header ?? ''),
  ]
}
