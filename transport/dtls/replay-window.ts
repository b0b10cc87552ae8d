/** Which record numbers have been received: the sliding window of RFC 6347 section 4.1.2.6. */

/** Numbers below the highest that are still told apart: several bursts of reordering at 64 KiB a packet, 256 bytes of memory. */
const WINDOW_NUMBERS = 2_048

export class ReplayWindow {
  /** One bit a number, at the number's place modulo the window. */
  readonly #seen = new Uint32Array(WINDOW_NUMBERS / 32)
  #highest = -1

  /** False for a number that was received, or is too old to know. */
  isNew(number: number): boolean {
    if (number > this.#highest) return true
    if (number <= this.#highest - WINDOW_NUMBERS) return false
    const place = number % WINDOW_NUMBERS
    return ((this.#seen[place >>> 5] ?? 0) & (1 << (place & 31))) === 0
  }

  /** Marks a number as received. Only for records that were authentic. */
  accept(number: number): void {
    if (number > this.#highest) {
      if (number - this.#highest >= WINDOW_NUMBERS) this.#seen.fill(0)
      else for (let next = this.#highest + 1; next <= number; next++) this.#clear(next % WINDOW_NUMBERS)
      this.#highest = number
    }
    const place = number % WINDOW_NUMBERS
    this.#seen[place >>> 5] = (this.#seen[place >>> 5] ?? 0) | (1 << (place & 31))
  }

  #clear(place: number): void {
    this.#seen[place >>> 5] = (this.#seen[place >>> 5] ?? 0) & ~(1 << (place & 31))
  }
}
