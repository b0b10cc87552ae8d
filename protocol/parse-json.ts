/** JSON as it comes from outside, before a shape has checked it: undefined for what is no JSON, which every shape refuses. */

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The reason is of no use to anyone.
    return undefined
  }
}

/** The same for bytes, which must be UTF-8. */
export function parseJsonBytes(bytes: Uint8Array): unknown {
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}
