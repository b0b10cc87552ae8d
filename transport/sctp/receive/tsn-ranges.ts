/** Sorted, disjoint ranges of TSNs beyond the cumulative one: what a SACK reports as gap blocks. */
import { add32, isAfter32 } from '../wire/serial-number.ts'

/** More gaps than any conforming sender leaves in the largest window. A chunk that would need another range is refused. */
const MAX_RANGES = 8_192

export class TsnRanges {
  count = 0
  #starts = new Uint32Array(64)
  #ends = new Uint32Array(64)

  start(index: number): number {
    return this.#starts[index] as number
  }

  end(index: number): number {
    return this.#ends[index] as number
  }

  has(tsn: number): boolean {
    const index = this.#lastStartingUpTo(tsn)
    return index >= 0 && !isAfter32(tsn, this.#ends[index] as number)
  }

  /** Adds a TSN that is not in any range yet. False when that would make too many ranges. */
  add(tsn: number): boolean {
    const before = this.#lastStartingUpTo(tsn)
    const after = before + 1
    const extendsBefore = before >= 0 && add32(this.#ends[before] as number, 1) === tsn
    const extendsAfter = after < this.count && this.#starts[after] === add32(tsn, 1)
    if (extendsBefore && extendsAfter) {
      this.#ends[before] = this.#ends[after] as number
      this.#removeAt(after)
    } else if (extendsBefore) this.#ends[before] = tsn
    else if (extendsAfter) this.#starts[after] = tsn
    else return this.#insertAt(after, tsn)
    return true
  }

  removeFirst(): void {
    this.#removeAt(0)
  }

  /** Index of the last range that starts at or before `tsn`, -1 if none. Most new TSNs extend the last range: it is tried first. */
  #lastStartingUpTo(tsn: number): number {
    let high = this.count - 1
    if (high < 0 || !isAfter32(this.#starts[high] as number, tsn)) return high
    let low = -1
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (isAfter32(this.#starts[middle] as number, tsn)) high = middle
      else low = middle
    }
    return low
  }

  #insertAt(index: number, tsn: number): boolean {
    if (this.count === MAX_RANGES) return false
    if (this.count === this.#starts.length) {
      this.#starts = doubled(this.#starts)
      this.#ends = doubled(this.#ends)
    }
    this.#starts.copyWithin(index + 1, index, this.count)
    this.#ends.copyWithin(index + 1, index, this.count)
    this.#starts[index] = tsn
    this.#ends[index] = tsn
    this.count++
    return true
  }

  #removeAt(index: number): void {
    this.#starts.copyWithin(index, index + 1, this.count)
    this.#ends.copyWithin(index, index + 1, this.count)
    this.count--
  }
}

function doubled(numbers: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(numbers.length * 2)
  larger.set(numbers)
  return larger
}
