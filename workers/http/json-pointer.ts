/** JSON pointers (RFC 6901) into a request's body. */

const MAX_NAME_CHARACTERS = 80

/** A name from a request may be long or hostile; it is shown cut. */
export function shownName(name: PropertyKey): string {
  return String(name).slice(0, MAX_NAME_CHARACTERS)
}

/** The pointer along these names and indexes. */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${shownName(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
