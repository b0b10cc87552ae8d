/** Measured values as text: the units are the catalogue's (protocol/catalogue/units.ts), the way to write numbers is here. */
import { readableAs } from '../../protocol/catalogue/units.ts'

/** The unit in which `readable` shows the field; empty for a plain number. */
export function symbolOf(field: string): string {
  return field === 'cycle_life' ? 'cycles' : (readableAs(field)?.unit ?? '')
}

/** How many of the field's base unit make one of its readable unit. */
export function perUnitOf(field: string): number {
  return readableAs(field)?.divisor ?? 1
}

/** Digits in groups of three from 10 000 on, parted by a narrow space, and a real minus sign (ISO 80000-1, 7.3). */
export function readableNumber(value: number, decimals: number, leastDecimals = 0): string {
  const digits = { minimumFractionDigits: leastDecimals, maximumFractionDigits: decimals } as const
  return new Intl.NumberFormat('en', { ...digits, useGrouping: 'min2' })
    .format(value)
    .replaceAll(',', '\u202f')
    .replace('-', '\u2212')
}

/** Derived by division; more digits would only be those of the rounding. */
const derived = /_per_(kg|l)$/

/** The number of a field in its readable unit, without the unit. */
export function readable(field: string, value: number): string {
  return readableNumber(value / perUnitOf(field), derived.test(field) ? 1 : 3)
}

/** The same to three digits, all shown, so that a column can be run over by eye; whole numbers stay whole. */
export function atGlance(field: string, value: number): string {
  if (perUnitOf(field) === 1) return readable(field, value)
  const shown = value / perUnitOf(field)
  const decimals = Math.abs(shown) >= 100 ? 0 : Math.abs(shown) >= 10 ? 1 : 2
  return readableNumber(shown, decimals, decimals)
}

/** What is typed for a field in its readable unit, `3,6` V, as the integer that the API takes, 3600; text that is no number stays as it is. */
export function toBase(field: string, typed: string): string {
  const [, sign = '', whole = '', fraction = ''] =
    /^([-\u2212]?)(\d{0,12})(?:[.,](\d{0,12}))?$/.exec(typed.trim()) ?? []
  if (whole + fraction === '') return typed
  const value = Math.round(Number(`${whole || '0'}.${fraction || '0'}`) * perUnitOf(field))
  return `${sign !== '' && value !== 0 ? '-' : ''}${value}`
}

/** The reverse, for the form to show; text that is no integer stays as it is. */
export function fromBase(field: string, value: string): string {
  return /^-?\d{1,15}$/.test(value) ? String(Number(value) / perUnitOf(field)) : value
}
