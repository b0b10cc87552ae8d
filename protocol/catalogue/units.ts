/**
 * The units of measured values: the base unit that ends a column's name, the unit in which people read it, and those that an import
 * takes. No zod.
 */

type UnitFacts = {
  /** The symbol of the readable unit. */
  readonly symbol: string
  /** The ending of the readable unit. */
  readonly readable: string
  /** Each ending that an import takes, with its power of ten of the base unit. */
  readonly powers: Readonly<Record<string, number>>
}

function unit<Ending extends string>(
  symbol: string,
  readable: NoInfer<Ending>,
  powers: Readonly<Record<Ending, number>>,
) {
  return { symbol, readable, powers }
}

export const units = {
  mwh_per_kg: unit('Wh/kg', 'wh_per_kg', { mwh_per_kg: 0, wh_per_kg: 3 }),
  mwh_per_l: unit('Wh/L', 'wh_per_l', { mwh_per_l: 0, wh_per_l: 3 }),
  mwh: unit('Wh', 'wh', { mwh: 0, wh: 3 }),
  mah: unit('mAh', 'mah', { mah: 0, ah: 3 }),
  mv: unit('V', 'v', { mv: 0, v: 3 }),
  ma: unit('A', 'a', { ma: 0, a: 3 }),
  uohm: unit('mΩ', 'mohm', { uohm: 0, mohm: 3, ohm: 6 }),
  mg: unit('g', 'g', { mg: 0, g: 3, kg: 6 }),
  um: unit('mm', 'mm', { um: 0, mm: 3, cm: 4, m: 6 }),
  mdegc: unit('°C', 'degc', { mdegc: 0, degc: 3, c: 3 }),
  ms: unit('s', 's', { ms: 0, s: 3 }),
} as const satisfies Readonly<Record<string, UnitFacts>>
export type Unit = keyof typeof units

const unitFacts: readonly (readonly [suffix: string, facts: UnitFacts])[] = Object.entries(units).map(
  ([name, facts]) => [`_${name}`, facts],
)

/** `nominal_voltage_mv` without its unit, `nominal_voltage`, and the unit; undefined for a column without one. */
export function splitUnit(column: string): { base: string; facts: UnitFacts } | undefined {
  const found = unitFacts.find(([suffix]) => column.endsWith(suffix))
  return found && { base: column.slice(0, -found[0].length), facts: found[1] }
}

/** `nominal_voltage_mv` is read as `nominal_voltage_v`, in V, a thousandth of the number. Undefined for a column without unit. */
export function readableAs(column: string): { name: string; unit: string; divisor: number } | undefined {
  const split = splitUnit(column)
  if (split === undefined) return undefined
  const { symbol, readable, powers } = split.facts
  return { name: `${split.base}_${readable}`, unit: symbol, divisor: 10 ** (powers[readable] ?? 0) }
}

/** The measured values of `row` in readable units, by their readable names. Division by 1000 is exact to the last digit shown. */
export function readableValues(row: Readonly<Record<string, unknown>>): Record<string, number | null> {
  const values: [string, number | null][] = []
  for (const [column, value] of Object.entries(row)) {
    const readable = readableAs(column)
    if (readable === undefined) continue
    values.push([readable.name, typeof value === 'number' ? value / readable.divisor : null])
  }
  return Object.fromEntries(values)
}
