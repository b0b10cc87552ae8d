/** The catalogue's responses, as zod shapes: the OpenAPI document is made from them, and clients read responses with them. */
import { z } from 'zod'
import { isNullable, type ColumnFacts, type ColumnTable, type RowOf, type ValueOf } from './column-facts.ts'
import { batteryColumns, productColumns } from './columns.ts'

/** Less strict than a write: what is read was checked when it was written. */
function valueShape(facts: ColumnFacts): z.ZodType {
  switch (facts.type) {
    case 'id':
    case 'reference':
      return z.int().min(1)
    case 'measure':
    case 'count':
    case 'derived':
      return z.int()
    case 'choice':
      return z.enum(facts.values)
    default:
      return z.string()
  }
}

function readShape(facts: ColumnFacts): z.ZodType {
  const { type, description } = facts
  const shape = valueShape(facts)
  const example = type === 'id' || type === 'reference' ? { example: 1 } : {}
  return (isNullable(facts) ? shape.nullable() : shape).meta({ ...example, description })
}

/** The shape of a row as it is read. */
function rowShape<const Table extends ColumnTable>(table: Table) {
  const shapes = Object.entries(table).map(([column, facts]) => [column, readShape(facts)])
  return z.object(
    Object.fromEntries(shapes) as { -readonly [Column in keyof Table]: z.ZodType<ValueOf<Table[Column]>> },
  )
}

export const Product = rowShape(productColumns).meta({ id: 'Product' })
export const Battery = rowShape(batteryColumns).meta({ id: 'Battery' })

export const BatteryWithProduct = Battery.extend({ product: Product }).meta({ id: 'BatteryWithProduct' })

const revision = z
  .int()
  .min(0)
  .meta({ description: 'How often the catalogue had changed when this was read.' })
const next = z.string().nullable().meta({ description: 'Cursor of the next page; null on the last.' })

const previous = z.string().nullable().meta({ description: 'Cursor of the page before; null on the first.' })
const total = z.int().min(0).optional().meta({ description: 'With `include=total`.' })
const around = { next, previous, total }

export const ProductPage = z
  .object({ revision, items: z.array(Product), ...around })
  .meta({ id: 'ProductPage' })
export const BatteryPage = z
  .object({ revision, items: z.array(Battery), ...around })
  .meta({ id: 'BatteryPage' })

export const ExportDigestShape = z
  .object({
    revision,
    rows: z.int().min(0).meta({ description: 'Rows of the file, a header not counted.' }),
    bytes: z.int().min(0).meta({ description: 'Its length.' }),
    crc32: z
      .string()
      .regex(/^[0-9a-f]{8}$/)
      .meta({ description: 'CRC-32 (IEEE) of its bytes, hexadecimal.' }),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .meta({ description: 'SHA-256 of its bytes, hexadecimal.' }),
  })
  .meta({ id: 'ExportDigest' })

/** RFC 9457. */
export const ProblemDocument = z
  .object({
    type: z.string().meta({ description: 'The code as a URN.' }),
    title: z.string().meta({ description: 'What the code means, in a sentence.' }),
    status: z.int().meta({ description: 'The HTTP status.' }),
    code: z.string().meta({ description: 'Stable name of the problem.' }),
    detail: z.string().optional().meta({ description: 'More about this one case.' }),
    instance: z.string().optional().meta({ description: "Names this one case in the edge's log." }),
    errors: z
      .array(
        z.object({
          detail: z.string(),
          parameter: z.string().optional(),
          header: z.string().optional(),
          pointer: z.string().optional(),
        }),
      )
      .optional()
      .meta({
        description: 'Each fault, with the parameter, header or place in the body (RFC 6901) concerned.',
      }),
  })
  .meta({ id: 'Problem' })

export type Product = RowOf<typeof productColumns>
export type Battery = RowOf<typeof batteryColumns>
export type BatteryWithProduct = z.infer<typeof BatteryWithProduct>
export type ProblemDocument = z.infer<typeof ProblemDocument>
