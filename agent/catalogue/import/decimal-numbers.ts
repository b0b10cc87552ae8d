/** Decimal numbers as people write them, converted exactly to whole base units, without floating point. Pure. */

export type Decimal = {
  readonly negative: boolean
  readonly digits: string
  /** How many of `digits` are behind the separator. */
  readonly fraction: number
  readonly separator: ',' | '.' | undefined
}

/** `3.635`, `3,635`, `-20`; undefined for anything else, such as exponents, thousands separators or blanks. */
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

/** `decimal` times ten to the `power`; undefined unless that is a safe integer. */
export function scaleToInteger({ negative, digits, fraction }: Decimal, power: number): number | undefined {
  const shift = power - fraction
  const kept = shift >= 0 ? digits + '0'.repeat(shift) : digits.slice(0, shift)
  if (shift < 0 && /[1-9]/.test(digits.slice(shift))) return undefined
  const value = Number(kept === '' ? '0' : kept)
  if (!Number.isSafeInteger(value)) return undefined
  return negative && value !== 0 ? -value : value
}
