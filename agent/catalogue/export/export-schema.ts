/** The columns of an export, as its manifest and a Parquet file describe them. */
import { isNullable, type ColumnFacts } from '../../../protocol/catalogue/column-facts.ts'
import { columnsOf } from '../../../protocol/catalogue/columns.ts'
import type { Resource } from '../../../protocol/catalogue/vocabulary.ts'

export type ExportColumn = {
  readonly name: string
  /** A measured value is `int64` where its range does not fit 32 bits. Ids and derived values have no CHECK of their range. */
  readonly type: 'int32' | 'int64' | 'string'
  readonly nullable: boolean
  readonly description: string
}

const MAX_INT32 = 2_147_483_647

function typeOf(facts: ColumnFacts): ExportColumn['type'] {
  switch (facts.type) {
    case 'measure':
    case 'count':
      return facts.range[1] <= MAX_INT32 ? 'int32' : 'int64'
    case 'id':
    case 'reference':
    case 'derived':
      return 'int64'
    default:
      return 'string'
  }
}

/** The columns in the order of the file; `fields` is the export's parameter of that name. */
export function exportColumns(resource: Resource, fields: string | undefined): ExportColumn[] {
  const wanted = fields?.split(',')
  return Object.entries(columnsOf[resource])
    .filter(([name]) => wanted?.includes(name) ?? true)
    .map(([name, facts]) => ({
      name,
      type: typeOf(facts),
      nullable: isNullable(facts),
      description: facts.description,
    }))
}
