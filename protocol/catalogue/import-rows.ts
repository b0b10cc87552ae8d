/**
 * The rows of an import: the shape of a request, its limits, and the one check of a row. The client checks a file with it before it sends
 * anything, the edge checks again what it receives, and both find the same faults.
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
/** As much as the database takes for one value, with room to spare: the rows travel as one. */
export const MAX_IMPORT_BYTES = 1_048_576
/** Unknown fields of one row that are named. */
const MAX_UNKNOWN_FIELDS = 20

const productReference = {
  product_id: optional(productId),
  product_sku: optional(text(productColumns.sku.longest)),
  product_manufacturer: optional(text(productColumns.manufacturer.longest)),
} satisfies Record<(typeof productReferences)[number], z.ZodType>

const BatteryImportPart = partly({ ...batteryInputShape, ...productReference })
const { product_id: _productId, ...ownShape } = batteryShape
/** Each resource's row as a whole, and some fields of one. */
const rowShapes: Record<Resource, { readonly whole: z.ZodType<CatalogueRow>; readonly part: z.ZodType }> = {
  products: { whole: ProductInput, part: ProductPatch },
  batteries: { whole: z.strictObject({ ...productReference, ...ownShape }), part: BatteryImportPart },
}

export type RowFault = { readonly field: string; readonly detail: string }

/**
 * Every fault of a row, by field. `whole`: a new row, or a given one joined with what the catalogue has; what is left out gets its default
 * in the `row` that is returned. `part`: the given fields alone, where nothing has to be there.
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

/** The rows themselves are checked one by one, each joined with what the catalogue has. */
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
    revision: z.int().min(0).describe('Of the catalogue, after it.'),
    dry_run: z.boolean().describe('Whether it was only asked what would be done.'),
    created: z.int().min(0).describe('Rows that were not there.'),
    updated: z.int().min(0).describe('Rows that are no longer what they were.'),
    unchanged: z.int().min(0).describe('Rows that said nothing new.'),
  })
  .meta({ id: 'ImportResult' })
export type ImportResult = z.infer<typeof ImportResult>
