/** Draws room numbers at random from the smallest range that is not crowded, so that codes stay short. */
import { MAX_ROOM_NUMBER } from '../../protocol/meeting/room-number.ts'

/** Upper ends of the ranges, all of which begin at 1. */
const RANGES = [99, 999, 9_999, 99_999, MAX_ROOM_NUMBER] as const

/**
 * A free number, drawn evenly from the smallest range that is less than half taken, or `undefined` when every range is half
 * full: the edge then holds 500,000 rooms. In a range at most half full a draw succeeds after two tries on average.
 */
export function drawRoomNumber(
  countUpTo: (largest: number) => number,
  isTaken: (number: number) => boolean,
  random: () => number = randomUint32,
): number | undefined {
  const largest = RANGES.find((range) => countUpTo(range) * 2 < range)
  if (largest === undefined) return undefined
  for (;;) {
    const number = drawUpTo(largest, random)
    if (!isTaken(number)) return number
  }
}

/** 1..largest, every number equally likely: values above the last whole multiple are rejected, because a remainder would favour small numbers. */
function drawUpTo(largest: number, random: () => number): number {
  const bound = 2 ** 32 - (2 ** 32 % largest)
  for (;;) {
    const value = random()
    if (value < bound) return 1 + (value % largest)
  }
}

function randomUint32(): number {
  const [value] = crypto.getRandomValues(new Uint32Array(1))
  return value ?? 0
}
