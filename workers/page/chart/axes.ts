/** The axes of a chart: the position of a value between 0 and 1, and the round values that are marked. */

export type Tick = { readonly value: number; readonly at: number; readonly major: boolean }
export type Axis = { place(value: number): number; readonly ticks: readonly Tick[] }

/** From 0 to a round value above `greatest`, in four to eight equal steps of 1, 2 or 5 times a power of ten. */
export function linearAxis(greatest: number): Axis {
  const rough = Math.max(greatest, 1e-9) / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power
  const count = Math.max(1, Math.ceil(greatest / step))
  const end = count * step
  function place(value: number) {
    return value / end
  }
  const ticks = Array.from({ length: count + 1 }, (_, i) => ({
    value: i * step,
    at: place(i * step),
    major: true,
  }))
  return { place, ticks }
}

/** Logarithmic, from 1, 2 or 5 times a power of ten to another such value; the powers of ten are the major ticks. */
export function logarithmicAxis(least: number, greatest: number): Axis {
  const marks: number[] = []
  for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(greatest)); power++) {
    marks.push(...[1, 2, 5].map((factor) => decimal(factor, power)))
  }
  const first = marks.findLastIndex((mark) => mark <= least)
  const last = marks.findIndex((mark) => mark >= greatest)
  // An axis of a single value would have no length, so it gets a mark on either side.
  const chosen = marks.slice(
    Math.max(0, first === last ? first - 1 : first),
    (first === last ? last + 1 : last) + 1,
  )
  const [low, high] = [chosen.at(0) ?? 1, chosen.at(-1) ?? 10]
  const span = Math.log10(high / low)
  function place(value: number) {
    return Math.log10(value / low) / span
  }
  function isPower(mark: number) {
    return Number.isInteger(Math.log10(mark))
  }
  const majors = chosen.filter(isPower).length
  return {
    place,
    ticks: chosen.map((value) => ({ value, at: place(value), major: majors < 2 || isPower(value) })),
  }
}

/** `factor` times 10 to the `power`, without the rounding error of a multiplication. */
function decimal(factor: number, power: number): number {
  return Number(`${factor}e${power}`)
}
