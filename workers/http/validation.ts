/** What a failed validation says: one fault for each parameter or field, by name, in words that do not repeat the value. */
import type { Hook } from '@hono/zod-openapi'
import type { Env } from '../env.ts'
import { problemResponse, type Fault } from './problem.ts'

export type Issue = {
  readonly code?: string | undefined
  readonly message: string
  readonly path: readonly PropertyKey[]
  readonly keys?: readonly string[]
}

/** A name that came in a request may be long or hostile: shown short. */
function shown(name: PropertyKey): string {
  return String(name).slice(0, 80)
}

function place(target: string, path: readonly PropertyKey[]) {
  if (target === 'query' || target === 'param') return { parameter: shown(path[0] ?? '') }
  if (target === 'header') return { header: shown(path[0] ?? '') }
  return {
    pointer: path.map((step) => `/${shown(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
  }
}

export function faultsOf(target: string, issue: Issue): Fault[] {
  if (issue.code === 'unrecognized_keys') {
    return (issue.keys ?? [])
      .slice(0, 20)
      .map((key) => ({ ...place(target, [...issue.path, key]), detail: 'not known here' }))
  }
  return [{ ...place(target, issue.path), detail: issue.message }]
}

type Result = Parameters<Hook<unknown, { Bindings: Env }, string, unknown>>[0]

/** The `defaultHook` of every OpenAPIHono: 422 with the faults, or nothing when the input is valid. */
export function answerInvalid(result: Result): Response | undefined {
  if (result.success) return undefined
  const faults = result.error.issues.flatMap((issue) => faultsOf(result.target, issue as Issue))
  return problemResponse('bad_parameter', { faults: faults.slice(0, 50) })
}
