/** Decimal numbers as people write them, turned exactly into whole base units: no floating point on the way. Pure. */

/** Suffixes of column names, by the unit that the catalogue keeps; each is that many powers of ten of it. */
const unitsOf: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  mah: { mah: 0, ah: 3 },
  mv: { mv: 0, v: 3 },
  ma: { ma: 0, a: 3 },
  uohm: { uohm: 0, mohm: 3, ohm: 6 },
  mg: { mg: 0, g: 3, kg: 6 },
  um: { um: 0, mm: 3, cm: 4, m: 6 },
  mdegc: { mdegc: 0, degc: 3, c: 3 },
  ms: { ms: 0, s: 3 },
}

/** A measured column without its unit, and the units it may be given in: `nominal_voltage`, `{mv: 0, v: 3}`. */
export function measure(
  column: string,
): { base: string; units: Readonly<Record<string, number>> } | undefined {
  const at = column.lastIndexOf('_')
  const units = unitsOf[column.slice(at + 1)]
  return at < 0 || units === undefined ? undefined : { base: column.slice(0, at), units }
}

export type Decimal = {
  readonly negative: boolean
  readonly digits: string
  /** How many of `digits` stand behind the separator. */
  readonly fraction: number
  readonly separator: ',' | '.' | undefined
}

/** `3.635`, `3,635`, `-20`; undefined for everything else: no exponent, no thousands, no blanks inside. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = /^([+-]?)(\d{1,15})(?:([.,])(\d{1,15}))?$/.exec(text)
  if (match === null) return undefined
  const [, sign, whole = '', separator, fraction = ''] = match
  return {
    negative: sign === '-',
    digits: whole + fraction,
    fraction: fraction.length,
    separator: separator === ',' || separator === '.' ? separator : undefined,
  }
}

/** `decimal` times ten to the `power`, when that is a whole number a double holds exactly. */
export function scaleToInteger({ negative, digits, fraction }: Decimal, power: number): number | undefined {
  const shift = power - fraction
  const kept = shift >= 0 ? digits + '0'.repeat(shift) : digits.slice(0, shift)
  if (shift < 0 && /[1-9]/.test(digits.slice(shift))) return undefined
  const value = Number(kept === '' ? '0' : kept)
  if (!Number.isSafeInteger(value)) return undefined
  return negative && value !== 0 ? -value : value
}
