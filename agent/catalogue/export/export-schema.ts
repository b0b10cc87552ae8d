/** The columns of an export, as a manifest and a Parquet file describe them. Loaded late: the catalogue's shapes are made with zod. */
import { z } from 'zod'
import type { ExportResource } from '../../../protocol/catalogue/vocabulary.ts'
import { batteryLimits } from '../../../protocol/catalogue/columns.ts'
import { Battery, Product } from '../../../protocol/catalogue/shapes.ts'

export type ExportColumn = {
  readonly name: string
  /** Measured values are `int64` where 32 bits do not hold all that the catalogue allows. */
  readonly type: 'int32' | 'int64' | 'string'
  readonly nullable: boolean
  readonly description?: string
}

const MAX_INT32 = 2_147_483_647

type Property = { type?: unknown; anyOf?: readonly { type?: unknown }[]; description?: string }

const limits: Readonly<Record<string, readonly [number, number] | undefined>> = batteryLimits

function column(name: string, { type, anyOf = [], description }: Property): ExportColumn {
  const types = [type, ...anyOf.map((option) => option.type)].flat()
  const narrow = (limits[name]?.[1] ?? Number.POSITIVE_INFINITY) <= MAX_INT32
  return {
    name,
    type: !types.includes('integer') ? 'string' : narrow ? 'int32' : 'int64',
    nullable: types.includes('null'),
    ...(description === undefined ? {} : { description }),
  }
}

/** The columns in the order of the file; `fields` is the export's own parameter. */
export function exportColumns(resource: ExportResource, fields: string | undefined): ExportColumn[] {
  const { shape } = resource === 'products' ? Product : Battery
  const all = Object.entries(shape).map(([name, field]) => column(name, z.toJSONSchema(field) as Property))
  const wanted = fields?.split(',')
  return wanted === undefined ? all : all.filter(({ name }) => wanted.includes(name))
}
