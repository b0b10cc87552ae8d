/** How a room gets its number: at random out of the smallest range that still has room, so that codes stay short. */

/** Upper ends of the ranges. The largest number must still match ROOM_NUMBER. */
const RANGES = [99, 999, 9_999, 99_999, 999_999] as const

/**
 * A free number, drawn evenly from the smallest range that is less than half taken, or `undefined` when every range is half
 * full: then the edge holds 500,000 rooms. Half full at most, a draw succeeds after two tries on average.
 */
export function drawNumber(
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

/** 1..largest, every number equally likely: draws above the last whole multiple are thrown away instead of wrapped. */
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
