/** What `JSON.parse` lets pass and a careful reader does not: names given twice, and nesting without end. */

/** A fault of JSON text; the pointer (RFC 6901) leads to it. */
export type JsonFault = { readonly pointer: string; readonly detail: string }

type Open = { readonly names: Set<string> | undefined; step: string | number }

function escaped(step: string | number): string {
  return `/${String(step).slice(0, 80).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/**
 * The first such fault of `text`, which need not be JSON: tokens are enough to see it. Depth is counted before anything is parsed.
 */
export function jsonFault(text: string, maxDepth: number): JsonFault | undefined {
  const open: Open[] = []
  function pointer() {
    return open.map(({ step }) => escaped(step)).join('')
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
    name = token.startsWith('"') ? unquoted(token) : undefined
  }
  return undefined
}

function unquoted(token: string): string | undefined {
  try {
    return JSON.parse(token) as string
  } catch {
    return undefined // no JSON string: the parser will say so
  }
}
