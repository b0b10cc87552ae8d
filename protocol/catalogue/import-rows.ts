/**
 * The rows of an import: the shape of a request, its limits, and the check of a row. The client checks a file by it before it sends
 * anything; the edge checks what it receives by the same function, so that both judge a field alike. Only the edge can check a row
 * together with the one that it changes.
 */
import { z } from 'zod'
import type { CatalogueRow } from './column-facts.ts'
import { batteryContradictions } from './contradictions.ts'
import {
  AnyObject,
  batteryInputShape,
  batteryShape,
  optional,
  orMissing,
  partly,
  ProductInput,
  ProductPatch,
  productId,
  text,
} from './input.ts'
import { productColumns, type productReferences } from './columns.ts'
import type { Resource } from './vocabulary.ts'

export const MAX_IMPORT_ROWS = 1_000
/** All rows reach the database as one value, and D1 takes 2 MB for one. */
export const MAX_IMPORT_BYTES = 1_048_576
/** Unknown fields that are named for one row. */
const MAX_UNKNOWN_FIELDS = 20

const productReference = {
  product_id: optional(productId),
  product_sku: optional(text(productColumns.sku.longest)),
  product_manufacturer: optional(text(productColumns.manufacturer.longest)),
} satisfies Record<(typeof productReferences)[number], z.ZodType>

const BatteryImportPart = partly({ ...batteryInputShape, ...productReference })
const { product_id: _productId, ...ownShape } = batteryShape
/** A row of each resource, whole or some fields of it. */
const rowShapes: Record<Resource, { readonly whole: z.ZodType<CatalogueRow>; readonly part: z.ZodType }> = {
  products: { whole: ProductInput, part: ProductPatch },
  batteries: { whole: z.strictObject({ ...productReference, ...ownShape }), part: BatteryImportPart },
}

export type RowFault = { readonly field: string; readonly detail: string }

/**
 * Finds the faults of a row. `whole`: the row as it is to be stored, where required fields must be present. `part`: only the given
 * fields. @returns the faults by field, and the row, with defaults when it is whole, if there are none.
 */
export function checkImportRow(
  resource: Resource,
  given: Readonly<Record<string, unknown>>,
  extent: 'whole' | 'part',
): { readonly row: CatalogueRow; readonly faults: readonly RowFault[] } {
  const checked = rowShapes[resource][extent].safeParse(given)
  const faults = (checked.error?.issues ?? []).flatMap((issue): RowFault[] => {
    if (issue.code !== 'unrecognized_keys')
      return [{ field: String(issue.path[0] ?? ''), detail: issue.message }]
    return issue.keys.slice(0, MAX_UNKNOWN_FIELDS).map((field) => ({ field, detail: 'not known here' }))
  })
  const contradictions = resource === 'batteries' ? batteryContradictions(given) : []
  return { row: (checked.data ?? {}) as CatalogueRow, faults: [...faults, ...contradictions] }
}

function envelope<Row extends z.ZodType>(row: Row, description = '') {
  return z.strictObject({
    rows: z
      .array(row, orMissing('not a list'))
      .min(1, 'empty')
      .max(MAX_IMPORT_ROWS, `more than ${MAX_IMPORT_ROWS} rows`)
      .describe(description),
  })
}

/** Rows of any shape: each is checked by itself, after it was joined with the row that exists. */
export const ImportEnvelope = envelope(AnyObject)
export const ProductImport = envelope(
  ProductPatch,
  'Each with any fields of `ProductInput`; a new row needs those required there.',
).meta({ id: 'ProductImport' })
export const BatteryImport = envelope(
  BatteryImportPart,
  'Each with any fields of `BatteryInput`; a new row needs those required there, and names its product by `product_id` or by ' +
    '`product_sku` and `product_manufacturer` (unless given, its own).',
).meta({ id: 'BatteryImport' })

export const ImportResult = z
  .object({
    revision: z.int().min(0).describe('Of the catalogue, after the import.'),
    dry_run: z.boolean().describe('Whether nothing was written.'),
    created: z.int().min(0).describe('New rows.'),
    updated: z.int().min(0).describe('Rows that changed.'),
    unchanged: z.int().min(0).describe('Rows that already were as given.'),
    products_created: z.int().min(0).describe('New products of the batteries, with `create_products`.'),
  })
  .meta({ id: 'ImportResult' })
export type ImportResult = z.infer<typeof ImportResult>
