/** Random bytes from the platform's cryptographic source; everything that draws takes it as an argument, so that a test can hand in its own. */

export type RandomBytes = (length: number) => Uint8Array

export const systemRandom: RandomBytes = (length) => crypto.getRandomValues(new Uint8Array(length))
