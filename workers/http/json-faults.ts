/** Faults that `JSON.parse` accepts: names given twice in an object, and nesting without limit. */
import { jsonPointer } from './json-pointer.ts'

/** A fault of JSON text, and a pointer to it (RFC 6901). */
export type JsonFault = { readonly pointer: string; readonly detail: string }

/** An open object with the names it has so far, or an open array; `step` is the present name or index. */
type Container = { readonly names: Set<string> | undefined; step: string | number }

/**
 * The first such fault of `text`, which need not be valid JSON: its tokens are enough. Depth is checked here, before the text
 * is parsed.
 */
export function jsonFault(text: string, maxDepth: number): JsonFault | undefined {
  const open: Container[] = []
  function pointer() {
    return jsonPointer(open.map(({ step }) => step))
  }
  let name: string | undefined
  for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"?|[{}[\]:,]/gs)) {
    const inside = open.at(-1)
    if (token === '{' || token === '[') {
      if (open.length === maxDepth) return { pointer: pointer(), detail: `nested deeper than ${maxDepth}` }
      open.push(token === '{' ? { names: new Set(), step: '' } : { names: undefined, step: 0 })
    } else if (token === '}' || token === ']') open.pop()
    else if (token === ',' && typeof inside?.step === 'number') inside.step += 1
    else if (token === ':' && inside?.names !== undefined && name !== undefined) {
      inside.step = name
      if (inside.names.has(name)) return { pointer: pointer(), detail: 'given more than once' }
      inside.names.add(name)
    }
    name = token.startsWith('"') ? parsedString(token) : undefined
  }
  return undefined
}

/** `undefined` when the token is no valid JSON string; the parser will report that. */
function parsedString(token: string): string | undefined {
  try {
    return JSON.parse(token) as string
  } catch {
    return undefined
  }
}
