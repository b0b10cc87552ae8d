/** JSON as it comes in a message, before a shape has checked it. */

/** The value of UTF-8 JSON; undefined for anything else, which every shape refuses. */
export function parseJsonBytes(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    // The reason is of no use to anyone.
    return undefined
  }
}
