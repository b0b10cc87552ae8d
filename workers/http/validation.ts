/** Turns failed validations into faults: one for each parameter or field, by name, without repeating the value. */
import type { Hook } from '@hono/zod-openapi'
import type { Env } from '../env.ts'
import { jsonPointer, shownName } from './json-pointer.ts'
import { problemResponse, type Fault } from './problem.ts'

/** The part of a zod issue that is used here. */
export type Issue = {
  readonly code?: string | undefined
  readonly message: string
  readonly path: readonly PropertyKey[]
  readonly keys?: readonly string[]
}

/** More faults than these are not listed. */
const MAX_FAULTS = 50
const MAX_UNKNOWN_KEYS = 20

function place(target: string, path: readonly PropertyKey[]) {
  if (target === 'query' || target === 'param') return { parameter: shownName(path[0] ?? '') }
  if (target === 'header') return { header: shownName(path[0] ?? '') }
  return { pointer: jsonPointer(path) }
}

/** The faults in an issue of `target`: `query`, `param`, `header` or `json`. */
export function faultsOf(target: string, issue: Issue): Fault[] {
  if (issue.code === 'unrecognized_keys') {
    return (issue.keys ?? [])
      .slice(0, MAX_UNKNOWN_KEYS)
      .map((key) => ({ ...place(target, [...issue.path, key]), detail: 'not known here' }))
  }
  return [{ ...place(target, issue.path), detail: issue.message }]
}

type Result = Parameters<Hook<unknown, { Bindings: Env }, string, unknown>>[0]

/** The `defaultHook` of every OpenAPIHono: 422 with the faults, or nothing when the input is valid. */
export function answerInvalid(result: Result): Response | undefined {
  if (result.success) return undefined
  const faults = result.error.issues.flatMap((issue) => faultsOf(result.target, issue as Issue))
  return problemResponse('bad_parameter', { faults: faults.slice(0, MAX_FAULTS) })
}
