/** The parameters of the catalogue's requests, as zod shapes. An unknown parameter is refused, and so is one given twice. */
import { z } from 'zod'
import { batteryColumns, batteryFields, productColumns, productFields, temperatureRange } from './columns.ts'
import {
  batteryRanges,
  batterySorts,
  orders,
  productSorts,
  searchWords,
  temperatureUses,
  type BatteryFilterName,
  type BatteryRange,
  type Bound,
  type ProductFilterName,
  type TemperatureFilter,
} from './filters.ts'
import { exportFormats } from './vocabulary.ts'

const ONCE = 'given more than once'

/** A decimal integer without plus, blanks or exponent: `Number()` alone would take '', ' 5 ', '0x10' and '1e3'. */
function integer(least: number, greatest: number) {
  return z
    .string({ error: ONCE })
    .regex(/^-?\d{1,16}$/, 'not a whole number')
    .transform(Number)
    .pipe(z.number().min(least, `below ${least}`).max(greatest, `above ${greatest}`))
    .meta({ type: 'integer', minimum: least, maximum: greatest })
}

function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, {
    error: (issue) => (Array.isArray(issue.input) ? ONCE : `one of ${values.join(', ')}`),
  })
}

/** `a,b,c`: some of these words, each at most once. */
function someOf<const Word extends string>(words: readonly Word[]) {
  return z
    .string({ error: ONCE })
    .min(1, 'empty')
    .max(3_000, 'longer than 3000 characters')
    .transform((text) => text.split(','))
    .pipe(
      z
        .array(z.enum(words as readonly [Word, ...Word[]], { error: `a comma list of ${words.join(', ')}` }))
        .refine((given) => new Set(given).size === given.length, 'the same word twice'),
    )
    .meta({ type: 'string', pattern: '^[a-z0-9_]+(,[a-z0-9_]+)*$' })
}

/** Text without control characters. */
function text(longest: number) {
  return (
    z
      .string({ error: ONCE })
      .min(1, 'empty')
      .max(longest, `longer than ${longest} characters`)
      // oxlint-disable-next-line no-control-regex
      .regex(/^[^\u0000-\u001f\u007f]*$/, 'holds control characters')
  )
}

const page = {
  limit: integer(1, 100).default(25).meta({ description: 'Rows of a page.', default: 25 }),
  cursor: z
    .string({ error: ONCE })
    .min(1, 'empty')
    .max(2_000, 'longer than 2000 characters')
    .optional()
    .meta({ description: "`next` or `previous` of a page; only with that page's filters and order." }),
}

const as = { as: oneOf(exportFormats).default('csv').meta({ description: 'Format of the file.' }) }
/** The parameters that order a list. */
type Ordering = 'sort' | 'order'
const order = { order: oneOf(orders).default('asc').meta({ description: 'Direction of `sort`.' }) }
const TOTAL = '`total`: the number of rows that match. All of them are read for it, so ask once.'
const manufacturer = text(productColumns.manufacturer.longest)
  .optional()
  .meta({ description: 'Exact name; the case of A-Z does not matter.', example: 'Samsung SDI' })
/** Every word is looked for by itself, at a cost. */
const MAX_SEARCH_WORDS = 10
function words(where: string) {
  return text(200)
    .refine((given) => searchWords(given).length <= MAX_SEARCH_WORDS, `more than ${MAX_SEARCH_WORDS} words`)
    .optional()
    .meta({
      description: `Words or prefixes that must all occur in ${where}. Operators and quotes have no effect.`,
    })
}

const productFilters = {
  q: words('manufacturer, number, name, GTIN or category'),
  category: oneOf(productColumns.category.values).optional().meta({ description: 'Only this category.' }),
  status: oneOf(productColumns.status.values).optional().meta({ description: 'Only this status.' }),
  manufacturer,
  sort: oneOf(productSorts).optional().meta({ description: 'Column to sort by; the default is `id`.' }),
  ...order,
} satisfies Record<ProductFilterName | Ordering, z.ZodType>

type Integer = ReturnType<typeof integer>

/** A bound below every value, such as 0, is allowed; a negative one is not, unless values can be negative. */
function bound(column: BatteryRange): Integer {
  const [least, greatest] = batteryColumns[column].range
  return integer(Math.min(0, least), greatest)
}

const bounds = Object.fromEntries(
  batteryRanges.flatMap((column) => [
    [
      `min_${column}`,
      bound(column)
        .optional()
        .meta({ description: `At least this ${column}.` }),
    ],
    [
      `max_${column}`,
      bound(column)
        .optional()
        .meta({ description: `At most this ${column}.` }),
    ],
  ]),
) as Record<Bound<BatteryRange>, z.ZodOptional<Integer>>

const temperatures = Object.fromEntries(
  temperatureUses.map((use) => [
    `${use}_at_mdegc`,
    integer(...temperatureRange)
      .optional()
      .meta({
        description: `Temperature that the battery's range for ${use} must contain, in 0.001 degree Celsius.`,
      }),
  ]),
) as Record<TemperatureFilter, z.ZodOptional<Integer>>

const batteryFilters = {
  q: words('manufacturer, model, size, chemistry, format or kind'),
  chemistry: oneOf(batteryColumns.chemistry.values)
    .optional()
    .meta({ description: 'Only of this chemistry.' }),
  format: oneOf(batteryColumns.format.values).optional().meta({ description: 'Shape of the cell.' }),
  kind: oneOf(batteryColumns.kind.values)
    .optional()
    .meta({ description: 'Only single cells, or only packs.' }),
  size_code: text(batteryColumns.size_code.longest)
    .optional()
    .meta({ description: 'IEC size, such as R18650.', example: 'R18650' }),
  manufacturer,
  product_id: integer(1, Number.MAX_SAFE_INTEGER)
    .optional()
    .meta({ description: 'The product it is sold as.' }),
  ...bounds,
  ...temperatures,
  sort: oneOf(batterySorts).optional().meta({
    description: 'Column to sort by; the default is the first column with a bound, else `id`.',
  }),
  ...order,
} satisfies Record<BatteryFilterName | Ordering, z.ZodType>

/** Refuses a range whose lower end is above its upper end. */
function rangesInOrder(
  query: Readonly<Partial<Record<Bound<BatteryRange>, number | undefined>>>,
  context: z.RefinementCtx,
): void {
  for (const column of batteryRanges) {
    const [least, greatest] = [query[`min_${column}`], query[`max_${column}`]]
    if (least === undefined || greatest === undefined || least <= greatest) continue
    context.addIssue({ code: 'custom', path: [`min_${column}`], message: `above max_${column}` })
  }
}

function fields<Field extends string>(columns: readonly Field[]) {
  return {
    fields: someOf(columns).optional().meta({ description: 'Only these columns, as a comma list.' }),
  }
}
const productShow = {
  ...fields(productFields),
  include: someOf(['total']).optional().meta({ description: TOTAL }),
}
const batteryShow = {
  ...fields(batteryFields),
  include: someOf(['total', 'readable', 'shipping'])
    .optional()
    .meta({
      description: `${TOTAL} \`readable\`: the numbers in V, A, Wh, g and mm. \`shipping\`: transport class.`,
    }),
}

export const ProductQuery = z.strictObject({ ...productFilters, ...productShow, ...page })
export const ProductExportQuery = z.strictObject({
  ...productFilters,
  ...fields(productFields),
  ...as,
})
export const BatteryQuery = z
  .strictObject({ ...batteryFilters, ...batteryShow, ...page })
  .superRefine(rangesInOrder)
export const BatteryExportQuery = z
  .strictObject({ ...batteryFilters, ...fields(batteryFields), ...as })
  .superRefine(rangesInOrder)

const yes = oneOf(['true', 'false'])
  .default('false')
  .transform((given) => given === 'true')
const dryRun = {
  dry_run: yes.meta({ description: 'Only count what would change.', default: 'false' }),
}
export const ProductImportQuery = z.strictObject(dryRun)
export const BatteryImportQuery = z.strictObject({
  ...dryRun,
  create_products: yes.meta({
    description:
      "Create the missing product of a battery, with the battery's manufacturer and its model as number.",
    default: 'false',
  }),
})

/** A path's id. Ids are never reused and never negative. */
export const IdParameter = z.object({
  id: integer(1, Number.MAX_SAFE_INTEGER).meta({
    type: 'integer',
    minimum: 1,
    example: 1,
    description: 'Its number in the catalogue.',
  }),
})

/** The filters and the order of a list, to which its cursors are bound. */
export type ProductFilters = Partial<Pick<z.infer<typeof ProductQuery>, keyof typeof productFilters>>
export type BatteryFilters = Partial<Pick<z.infer<typeof BatteryQuery>, keyof typeof batteryFilters>>
