/** The units in which people read measured values, beside the integers in base units that the catalogue keeps. No zod. */

/** Suffix of a column, suffix of its readable twin, the unit's sign, and how many base units make one of it. */
const units = [
  ['_mwh_per_kg', '_wh_per_kg', 'Wh/kg', 1000],
  ['_mwh_per_l', '_wh_per_l', 'Wh/L', 1000],
  ['_mwh', '_wh', 'Wh', 1000],
  ['_mah', '_mah', 'mAh', 1],
  ['_mv', '_v', 'V', 1000],
  ['_ma', '_a', 'A', 1000],
  ['_uohm', '_mohm', 'mΩ', 1000],
  ['_mg', '_g', 'g', 1000],
  ['_um', '_mm', 'mm', 1000],
  ['_mdegc', '_degc', '°C', 1000],
  ['_ms', '_s', 's', 1000],
] as const

/** `nominal_voltage_mv` is read as `nominal_voltage_v`, in V, a thousandth of the number. Undefined for a column without unit. */
export function readableAs(column: string): { name: string; unit: string; divisor: number } | undefined {
  const unit = units.find(([suffix]) => column.endsWith(suffix))
  if (unit === undefined) return undefined
  const [suffix, readable, sign, divisor] = unit
  return { name: column.slice(0, -suffix.length) + readable, unit: sign, divisor }
}

/** The measured values of `row` in readable units, under their readable names. Division by 1000 is exact to the last digit shown. */
export function readableValues(row: Readonly<Record<string, unknown>>): Record<string, number | null> {
  const values: [string, number | null][] = []
  for (const [column, value] of Object.entries(row)) {
    const readable = readableAs(column)
    if (readable === undefined) continue
    values.push([readable.name, typeof value === 'number' ? value / readable.divisor : null])
  }
  return Object.fromEntries(values)
}
