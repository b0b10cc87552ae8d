/** A problem document (RFC 9457) as one line for people. Pure. */

/** `title; detail; parameter: detail; ...`, as far as the document has them; undefined for anything else. Not escaped. */
export function problemText(problem: unknown): string | undefined {
  const title = textField(problem, 'title')?.replace(/\.$/, '')
  if (title === undefined) return undefined
  const faults = problemErrors(problem).map((fault) =>
    said([
      textField(fault, 'parameter') ??
        textField(fault, 'header') ??
        (textField(fault, 'pointer') || undefined),
      textField(fault, 'detail'),
    ]),
  )
  return [title, textField(problem, 'detail'), ...faults]
    .filter((part) => part !== undefined && part !== '')
    .join('; ')
}

/** `place: detail`, with what there is of it. */
function said(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(': ')
}

function problemErrors(problem: unknown): unknown[] {
  const errors: unknown =
    typeof problem === 'object' && problem !== null && 'errors' in problem ? problem.errors : undefined
  return Array.isArray(errors) ? errors : []
}

function textField(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const found: unknown = Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined
  return typeof found === 'string' ? found : undefined
}
