/** The columns that identify a product or a battery besides its id. No zod. */
import type { BatteryColumn, ProductColumn } from './columns.ts'
import type { Resource } from './vocabulary.ts'

export const naturalKeys = {
  products: ['manufacturer', 'sku'],
  batteries: ['manufacturer', 'model'],
} as const satisfies {
  readonly products: readonly [ProductColumn, ProductColumn]
  readonly batteries: readonly [BatteryColumn, BatteryColumn]
}

type Row = Readonly<Record<string, unknown>>

/** The natural key of a row; undefined when it lacks a part. */
export function naturalKeyOf(resource: Resource, row: Row): [string, string] | undefined {
  const [first, second] = naturalKeys[resource]
  const [a, b] = [row[first], row[second]]
  return typeof a === 'string' && typeof b === 'string' ? [a, b] : undefined
}

/** A key as one text. Like the columns, it disregards the case of A-Z. */
export function foldKey(key: readonly string[]): string {
  return key.map((part) => part.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())).join('\u0000')
}
