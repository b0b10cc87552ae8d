/** Random bytes from the platform's cryptographic source. A parameter wherever it is used, so that tests can pass their own. */

export type RandomBytes = (length: number) => Uint8Array

export const systemRandom: RandomBytes = (length) => crypto.getRandomValues(new Uint8Array(length))
