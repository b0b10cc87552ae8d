/** Serial number arithmetic modulo 2^32 (TSNs) and 2^16 (stream sequence numbers): RFC 1982 and RFC 9260 section 1.6. */

/** `number + step` modulo 2^32. */
export function add32(number: number, step: number): number {
  return (number + step) >>> 0
}

/** Signed distance from `from` to `to`, within ±2^31. */
export function distance32(from: number, to: number): number {
  return (to - from) | 0
}

/** True when `a` comes after `b`. Of two numbers exactly 2^31 apart neither comes after the other. */
export function isAfter32(a: number, b: number): boolean {
  return ((a - b) | 0) > 0
}

/** The stream sequence number after `number`. */
export function next16(number: number): number {
  return (number + 1) & 0xffff
}
