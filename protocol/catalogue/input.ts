/**
 * What may be written to the catalogue, as zod shapes: a whole product or battery, and a row of an import. The tables have the same
 * rules as CHECKs; here each fault names its field. Strict: an unknown field is refused.
 */
import { z } from 'zod'
import { categories, chemistries, formats, kinds, statuses, verifications } from './vocabulary.ts'
import { batteryLimits, batteryOrder } from './columns.ts'
import { Battery, Product } from './shapes.ts'

/** Control characters, line separators, and what turns the direction of a text: none of them is seen, and each can make a name look like another. */
const controls = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u

/** What a field is told when it is of another type, or not there although it must be. */
function orMissing(detail: string) {
  return {
    error: ({ input }: { input?: unknown }): string => (input === undefined ? 'missing' : detail),
  }
}

function text(longest: number) {
  return z
    .string(orMissing('not text'))
    .min(1, 'empty')
    .max(longest, `longer than ${longest} characters`)
    .refine((value) => value === value.trim(), 'a blank at its beginning or end')
    .refine((value) => !controls.test(value), 'holds control characters')
    .refine((value) => value.isWellFormed(), 'holds half a character')
}

function optional<Shape extends z.ZodType>(shape: Shape) {
  return shape.nullable().default(null)
}

function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, orMissing(`one of ${values.join(', ')}`))
}

const url = text(500).refine(
  (value) => value.startsWith('https://') && URL.canParse(value),
  'not an https address',
)

const date = z.iso.date('not a date YYYY-MM-DD')

/** GS1's check digit: from the right, weights 3 and 1 by turns. */
function gtinHolds(gtin: string): boolean {
  const digits = Array.from(gtin, Number)
  const check = digits.pop() ?? 0
  const sum = digits.toReversed().reduce((total, digit, i) => total + digit * (i % 2 === 0 ? 3 : 1), 0)
  return (10 - (sum % 10)) % 10 === check
}

const gtin = z
  .string('not text')
  .regex(/^(\d{8}|\d{12}|\d{13}|\d{14})$/, 'not 8, 12, 13 or 14 digits')
  .refine(gtinHolds, 'the check digit does not fit')

const provenance = {
  source_url: url,
  source_title: optional(text(300)),
  source_licence: optional(text(300)),
  source_retrieved_on: optional(date),
  verification: oneOf(verifications).default('unverified'),
}

const productShape = {
  sku: text(120),
  gtin: optional(gtin),
  name: text(120),
  manufacturer: text(120),
  category: oneOf(categories),
  status: oneOf(statuses).default('unknown'),
  datasheet_url: optional(url),
  datasheet_revision: optional(text(300)),
  ...provenance,
}

type Measured = keyof typeof batteryLimits

const measured = Object.fromEntries(
  Object.entries(batteryLimits).map(([column, [least, greatest]]) => [
    column,
    optional(z.int('not a whole number').min(least, `below ${least}`).max(greatest, `above ${greatest}`)),
  ]),
) as Record<Measured, z.ZodDefault<z.ZodNullable<z.ZodInt>>>

const batteryFacts = {
  manufacturer: text(120),
  model: text(120),
  kind: oneOf(kinds),
  chemistry: optional(oneOf(chemistries)),
  cathode_basis: optional(text(120)),
  anode_basis: optional(text(120)),
  format: optional(oneOf(formats)),
  size_code: optional(text(120)),
  iec_designation: optional(text(120)),
  ...measured,
  capacity_condition: optional(text(300)),
  resistance_condition: optional(text(300)),
  cycle_life_condition: optional(text(300)),
  un383_report: optional(text(300)),
  un383_revision: optional(text(120)),
  wikidata_qid: optional(z.string('not text').regex(/^Q[1-9]\d{0,17}$/, 'not a Wikidata item such as Q42')),
  battinfo_iri: optional(url),
  ...provenance,
}

const productId = z.int(orMissing('not a whole number')).min(1, 'below 1')

type Facts = Readonly<Partial<Record<string, unknown>>>

/** Faults that lie between two fields; each is told at the field that a person would correct first. */
export function batteryContradictions(battery: Facts): { field: string; detail: string }[] {
  const found: { field: string; detail: string }[] = []
  for (const [low, relation, high] of batteryOrder) {
    const [a, b] = [battery[low], battery[high]]
    if (typeof a !== 'number' || typeof b !== 'number') continue
    if (relation === '<' ? a >= b : a > b) {
      found.push({ field: low, detail: relation === '<' ? `not below ${high}` : `above ${high}` })
    }
  }
  const { format, size_code: size, model } = battery
  const round = format === 'cylindrical' || format === 'coin'
  const flat = format === 'prismatic' || format === 'pouch'
  for (const field of ['width_um', 'thickness_um']) {
    if (round && typeof battery[field] === 'number')
      found.push({ field, detail: `a ${format} cell has none` })
  }
  if (flat && typeof battery['diameter_um'] === 'number') {
    found.push({ field: 'diameter_um', detail: `a ${format} cell has none` })
  }
  if (typeof size !== 'string') return found
  if (flat && /^r\d/i.test(size))
    found.push({ field: 'size_code', detail: `that of a cylinder, not ${format}` })
  const inName = caseSize(typeof model === 'string' ? model : '')
  const inCode = caseSize(size)
  if (inName !== undefined && inCode !== undefined && inName !== inCode) {
    found.push({ field: 'size_code', detail: `the model's name says ${inName}` })
  }
  return found
}

/** The five digits of a common cylindrical case, in a name or a size code. */
function caseSize(text: string): string | undefined {
  return /(?<!\d)(10440|14500|16340|16650|17500|17650|17670|18350|18490|18500|18650|20700|21700|22650|26500|26650|26700|26800|32650|32700|46800|46950)(?!\d)/.exec(
    text,
  )?.[1]
}

function withoutContradiction(battery: Facts, context: z.RefinementCtx): void {
  for (const { field, detail } of batteryContradictions(battery)) {
    context.addIssue({ code: 'custom', path: [field], message: detail })
  }
}

/** The same fields with the descriptions that they are shown with. */
function describedBy<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  shown: Readonly<Record<string, z.ZodType>>,
): Shape {
  const fields = Object.entries(shape as Record<string, z.ZodType>).map(([field, type]) => {
    const description = shown[field]?.description
    return [field, description === undefined ? type : type.describe(description)]
  })
  return Object.fromEntries(fields) as Shape
}

const productFields = describedBy(productShape, Product.shape)
const batteryFields = describedBy({ product_id: productId, ...batteryFacts }, Battery.shape)

const NO_OBJECT = 'not an object'

/** Any object, as it is: a record of zod's would drop a field that is called `__proto__`, where every unknown field is refused. */
export const AnyObject = z.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  NO_OBJECT,
)

/** A product as it is written: what is left out is not known. */
export const ProductInput = z.strictObject(productFields, NO_OBJECT).meta({
  id: 'ProductInput',
  example: {
    sku: 'EX-18650-35',
    name: 'Example 18650, 3500 mAh',
    manufacturer: 'Example Cells',
    category: 'lithium_ion_cell',
    source_url: 'https://example.com/ex-18650-35.pdf',
  },
})

/** A battery as it is written. */
export const BatteryInput = z
  .strictObject(batteryFields, NO_OBJECT)
  .superRefine(withoutContradiction)
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

export type ProductInput = z.infer<typeof ProductInput>
export type BatteryInput = z.infer<typeof BatteryInput>

/** Every field that may be written, in the order of the interface. */
export const productInputFields = Object.keys(productFields)
export const batteryInputFields = Object.keys(batteryFields)

/** Rows of one import; as many bytes as the database takes for one value, with room to spare. */
export const MAX_IMPORT_ROWS = 1_000
export const MAX_IMPORT_BYTES = 1_048_576

/** Any of these fields; one that is left out has no value of its own accord. */
function partly(shape: Readonly<Record<string, z.ZodType>>) {
  const bare = Object.entries(shape).map(([field, type]) => {
    const inner = type instanceof z.ZodDefault ? (type.unwrap() as z.ZodType) : type
    return [field, type.description === undefined ? inner : inner.describe(type.description)]
  })
  return z.strictObject(Object.fromEntries(bare) as Record<string, z.ZodType>).partial()
}

/** A row of an import names the product of a battery in one of these ways. */
const reference = {
  product_id: optional(productId),
  product_sku: optional(text(120)),
  product_manufacturer: optional(text(120)),
}

/** A whole battery of an import, its product not yet looked up. */
export const BatteryImportRow = z
  .strictObject({ ...reference, ...batteryFacts })
  .superRefine(withoutContradiction)

/** Some fields of a product or battery: those of a change, where null clears a field. */
export const ProductPatch = partly(productFields).meta({ id: 'ProductPatch' })
export const BatteryPatch = partly(batteryFields).meta({ id: 'BatteryPatch' })

function rows<Row extends z.ZodType>(row: Row, description = '') {
  return z.strictObject({
    rows: z
      .array(row, orMissing('not a list'))
      .min(1, 'empty')
      .max(MAX_IMPORT_ROWS, `more than ${MAX_IMPORT_ROWS} rows`)
      .describe(description),
  })
}

/** The rows themselves are validated one by one, together with what the catalogue has already. */
export const ImportEnvelope = rows(AnyObject)
export const ProductImport = rows(
  ProductPatch,
  'Each with any fields of `ProductInput`; a new row needs those required there.',
).meta({ id: 'ProductImport' })
export const BatteryImport = rows(
  partly({ ...batteryFields, ...reference }),
  'Each with any fields of `BatteryInput`; a new row needs those required there, and names its product by `product_id` or by ' +
    '`product_sku` and `product_manufacturer` (unless given, its own).',
).meta({ id: 'BatteryImport' })

export const ImportResult = z
  .object({
    revision: z.int().min(0).describe('Of the catalogue, after it.'),
    dry_run: z.boolean().describe('Whether it was only asked what would be done.'),
    created: z.int().min(0).describe('Rows that were not there.'),
    updated: z.int().min(0).describe('Rows that are no longer what they were.'),
    unchanged: z.int().min(0).describe('Rows that said nothing new.'),
  })
  .meta({ id: 'ImportResult' })
export type ImportResult = z.infer<typeof ImportResult>
