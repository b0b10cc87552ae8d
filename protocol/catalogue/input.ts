/**
 * What may be written to the catalogue, as zod shapes: a whole product or battery, or some fields of one. The tables have CHECKs for
 * the same limits; here each fault names its field. An unknown field is refused.
 */
import { z } from 'zod'
import { batteryContradictions } from './contradictions.ts'
import {
  isRequired,
  writableColumns,
  type ColumnFacts,
  type ColumnTable,
  type ValueOf,
  type WritableColumn,
} from './column-facts.ts'
import { batteryColumns, productColumns, URL_CHARACTERS } from './columns.ts'

/** Control characters, line separators and marks that change the direction of text: invisible, and each can make one name look like another. */
const controls = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u

/** The fault of a field that is of another type, or missing. */
export function orMissing(detail: string) {
  return {
    error: ({ input }: { input?: unknown }): string => (input === undefined ? 'missing' : detail),
  }
}

export function text(longest: number) {
  return z
    .string(orMissing('not text'))
    .min(1, 'empty')
    .max(longest, `longer than ${longest} characters`)
    .refine((value) => value === value.trim(), 'a blank at its beginning or end')
    .refine((value) => !controls.test(value), 'holds control characters')
    .refine((value) => value.isWellFormed(), 'holds half a character')
}

export function optional<Shape extends z.ZodType>(shape: Shape) {
  return shape.nullable().default(null)
}

function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, orMissing(`one of ${values.join(', ')}`))
}

const url = text(URL_CHARACTERS).refine(
  (value) => value.startsWith('https://') && URL.canParse(value),
  'not an https address',
)

const date = z.iso.date('not a date YYYY-MM-DD')

/** GS1's check digit: from the right, digits are weighted 3, 1, 3, 1, ... */
function hasCheckDigit(gtin: string): boolean {
  const digits = Array.from(gtin, Number)
  const check = digits.pop() ?? 0
  const sum = digits.toReversed().reduce((total, digit, i) => total + digit * (i % 2 === 0 ? 3 : 1), 0)
  return (10 - (sum % 10)) % 10 === check
}

const gtin = z
  .string('not text')
  .regex(/^(\d{8}|\d{12}|\d{13}|\d{14})$/, 'not 8, 12, 13 or 14 digits')
  .refine(hasCheckDigit, 'the check digit does not fit')

const wikidata = z.string('not text').regex(/^Q[1-9]\d{0,17}$/, 'not a Wikidata item such as Q42')

export const productId = z.int(orMissing('not a whole number')).min(1, 'below 1')

function valueShape(facts: ColumnFacts): z.ZodType {
  switch (facts.type) {
    case 'name':
    case 'text':
    case 'condition':
      return text(facts.longest)
    case 'choice':
      return oneOf(facts.values)
    case 'measure':
    case 'count': {
      const [least, greatest] = facts.range
      return z.int('not a whole number').min(least, `below ${least}`).max(greatest, `above ${greatest}`)
    }
    case 'reference':
      return productId
    case 'id':
    case 'derived':
      return z.never()
    default:
      return { url, date, gtin, wikidata }[facts.type]
  }
}

type WriteShape<Table> = { [Column in WritableColumn<Table>]: z.ZodType<ValueOf<Table[Column]>> }

/** The shape of each column that can be written. A field that is left out is null, unless it is required or has a default. */
function writeShape<const Table extends ColumnTable>(table: Table): WriteShape<Table> {
  const shapes = writableColumns(table).map((column) => {
    const facts: ColumnFacts = table[column] as ColumnFacts
    const shape = valueShape(facts)
    if (isRequired(facts)) return [column, shape]
    return [column, facts.default === undefined ? optional(shape) : shape.default(facts.default)]
  })
  return Object.fromEntries(shapes) as WriteShape<Table>
}

/** The same fields with the descriptions of their columns. */
function describedBy<Shape extends object>(shape: Shape, table: ColumnTable): Shape {
  const fields = Object.entries(shape as Record<string, z.ZodType>).map(([field, type]) => [
    field,
    type.describe(table[field]?.description ?? ''),
  ])
  return Object.fromEntries(fields) as Shape
}

export const batteryShape = writeShape(batteryColumns)
export const productInputShape = describedBy(writeShape(productColumns), productColumns)
export const batteryInputShape = describedBy(batteryShape, batteryColumns)

const NO_OBJECT = 'not an object'

/** Any object, unchanged: zod's `record` would drop a field called `__proto__`, and every unknown field must be refused. */
export const AnyObject = z.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  NO_OBJECT,
)

/** A whole product. */
export const ProductInput = z.strictObject(productInputShape, NO_OBJECT).meta({
  id: 'ProductInput',
  example: {
    sku: 'EX-18650-35',
    name: 'Example 18650, 3500 mAh',
    manufacturer: 'Example Cells',
    category: 'lithium_ion_cell',
    source_url: 'https://example.com/ex-18650-35.pdf',
  },
})

/** A whole battery. */
export const BatteryInput = z
  .strictObject(batteryInputShape, NO_OBJECT)
  .superRefine((battery, context) => {
    for (const { field, detail } of batteryContradictions(battery))
      context.addIssue({ code: 'custom', path: [field], message: detail })
  })
  .meta({
    id: 'BatteryInput',
    example: {
      product_id: 1,
      manufacturer: 'Example Cells',
      model: 'EX-18650-35',
      kind: 'cell',
      format: 'cylindrical',
      nominal_capacity_mah: 3500,
      nominal_voltage_mv: 3600,
      mass_mg: 48_000,
      source_url: 'https://example.com/ex-18650-35.pdf',
    },
  })

/** Any of these fields, without their defaults: one that is left out has no value. */
export function partly(shape: Readonly<Record<string, z.ZodType>>) {
  const bare = Object.entries(shape).map(([field, type]) => {
    const inner = type instanceof z.ZodDefault ? (type.unwrap() as z.ZodType) : type
    return [field, type.description === undefined ? inner : inner.describe(type.description)]
  })
  return z.strictObject(Object.fromEntries(bare) as Record<string, z.ZodType>).partial()
}

/** Fields of a product or battery to be changed; null clears a field. */
export const ProductPatch = partly(productInputShape).meta({ id: 'ProductPatch' })
export const BatteryPatch = partly(batteryInputShape).meta({ id: 'BatteryPatch' })
