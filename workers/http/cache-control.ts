/** The values of Cache-Control that the edge uses (RFC 9111 section 5.2.2). */

export const NO_STORE = 'no-store'

/** May be stored, and is revalidated before each use. */
export const REVALIDATE = 'no-cache'

export function publicFor(seconds: number): string {
  return `public, max-age=${seconds}`
}

/** For an address that names the version of its content. */
export const IMMUTABLE = `${publicFor(31_536_000)}, immutable`
