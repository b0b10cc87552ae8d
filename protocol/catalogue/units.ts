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

/** The units by the ending of a column's name, with what is derived from them. */
const endings = Object.entries<UnitFacts>(units).map(([name, { symbol, readable, powers }]) => ({
  suffix: `_${name}`,
  readableSuffix: `_${readable}`,
  symbol,
  divisor: 10 ** (powers[readable] ?? 0),
  powers,
}))

/** The column without its unit, `nominal_voltage` of `nominal_voltage_mv`, and the unit's endings; undefined for one without a unit. */
export function splitUnit(column: string): { base: string; powers: UnitFacts['powers'] } | undefined {
  const unit = endings.find(({ suffix }) => column.endsWith(suffix))
  return unit && { base: column.slice(0, -unit.suffix.length), powers: unit.powers }
}

/** `nominal_voltage_mv` is read as `nominal_voltage_v`, in V, a thousandth of the number. Undefined for a column without unit. */
export function readableAs(column: string): { name: string; unit: string; divisor: number } | undefined {
  const unit = endings.find(({ suffix }) => column.endsWith(suffix))
  if (unit === undefined) return undefined
  const { suffix, readableSuffix, symbol, divisor } = unit
  return { name: column.slice(0, -suffix.length) + readableSuffix, unit: symbol, divisor }
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
