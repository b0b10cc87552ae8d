/** Measured values as text. The units are in protocol/catalogue/units.ts; how numbers are written is here. */
import { readableAs } from '../../protocol/catalogue/units.ts'

/** The unit in which `readable` shows the field; empty for a plain number. */
export function symbolOf(field: string): string {
  return field === 'cycle_life' ? 'cycles' : (readableAs(field)?.unit ?? '')
}

/** How many of the field's base unit make one of its readable unit. */
export function perUnitOf(field: string): number {
  return readableAs(field)?.divisor ?? 1
}

/** From 10 000 up digits are in groups of three with narrow spaces, and the minus sign is a true one (ISO 80000-1, 7.3). */
export function readableNumber(value: number, decimals: number, leastDecimals = 0): string {
  const digits = { minimumFractionDigits: leastDecimals, maximumFractionDigits: decimals } as const
  return new Intl.NumberFormat('en', { ...digits, useGrouping: 'min2' })
    .format(value)
    .replaceAll(',', '\u202f')
    .replace('-', '\u2212')
}

/** Results of a division, where more digits would only be rounding errors. */
const derived = /_per_(kg|l)$/

/** The number of a field in its readable unit, without the unit. */
export function readable(field: string, value: number): string {
  return readableNumber(value / perUnitOf(field), derived.test(field) ? 1 : 3)
}

/** The same to three significant digits, so that a column is easy to compare; fields without a readable unit stay whole. */
export function atGlance(field: string, value: number): string {
  if (perUnitOf(field) === 1) return readable(field, value)
  const shown = value / perUnitOf(field)
  const decimals = Math.abs(shown) >= 100 ? 0 : Math.abs(shown) >= 10 ? 1 : 2
  return readableNumber(shown, decimals, decimals)
}

/** Input in a field's readable unit, `3,6` V, as the integer that the API takes, 3600. Text that is not a number is returned unchanged. */
export function toBase(field: string, typed: string): string {
  const [, sign = '', whole = '', fraction = ''] =
    /^([-\u2212]?)(\d{0,12})(?:[.,](\d{0,12}))?$/.exec(typed.trim()) ?? []
  if (whole + fraction === '') return typed
  const value = Math.round(Number(`${whole || '0'}.${fraction || '0'}`) * perUnitOf(field))
  return `${sign !== '' && value !== 0 ? '-' : ''}${value}`
}

/** The reverse of `toBase`, to fill the form. Text that is not an integer is returned unchanged. */
export function fromBase(field: string, value: string): string {
  return /^-?\d{1,15}$/.test(value) ? String(Number(value) / perUnitOf(field)) : value
}
