/** Which record numbers have been received: the sliding window of RFC 6347 section 4.1.2.6. */

/** How far below the highest number duplicates are recognized: several bursts of reordering at 64 KiB a packet. Takes 256 bytes. */
const WINDOW_NUMBERS = 2_048

export class ReplayWindow {
  /** One bit for each number, at that number modulo the window. */
  readonly #seen = new Uint32Array(WINDOW_NUMBERS / 32)
  #highest = -1

  /** False for a number that was received, or is below the window. */
  isNew(number: number): boolean {
    if (number > this.#highest) return true
    if (number <= this.#highest - WINDOW_NUMBERS) return false
    const place = number % WINDOW_NUMBERS
    return ((this.#seen[place >>> 5] ?? 0) & (1 << (place & 31))) === 0
  }

  /** Marks a number as received. Call it for authentic records only. */
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
