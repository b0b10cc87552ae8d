/** A cell or pack and the product it is sold as, written as one literal, and the two rows made from it. */
import { categoryOfKind } from '../../protocol/catalogue/vocabulary.ts'
import type { BatterySeed, ProductSeed } from './seed-row.ts'

/** The product has the battery's manufacturer, model (as sku) and source. Its name is `manufacturer model` unless `name` is given. */
export type CellEntry = Omit<BatterySeed, 'product_sku' | 'product_manufacturer'> & {
  readonly name?: string
  readonly datasheet_url?: string
  readonly datasheet_revision?: string
}

export function productOf(entry: CellEntry): ProductSeed {
  const { manufacturer, model, kind, name, datasheet_url, datasheet_revision } = entry
  const { source_url, source_title, source_licence, verification } = entry
  return {
    sku: model,
    name: name ?? `${manufacturer} ${model}`,
    manufacturer,
    category: categoryOfKind[kind],
    // A source that is a specification is the data sheet, unless another address is given.
    datasheet_url: datasheet_url ?? (verification === 'datasheet' ? source_url : null),
    datasheet_revision: datasheet_revision ?? null,
    source_url,
    source_title: source_title ?? null,
    source_licence: source_licence ?? null,
    ...(verification === undefined ? {} : { verification }),
  }
}

export function batteryOf(entry: CellEntry): BatterySeed {
  const { name: _name, datasheet_url: _url, datasheet_revision: _revision, ...battery } = entry
  return { ...battery, product_sku: entry.model }
}

/** Values copied from CellInfoRepository's product list, which names the data sheet or product page of each row. */
export function listedInCellInfo(datasheetUrl: string) {
  return {
    datasheet_url: datasheetUrl,
    source_url: datasheetUrl,
    source_title: 'Data sheet or product page, values as listed in CellInfoRepository',
    source_licence: 'BSD-3-Clause',
    verification: 'secondary',
  } as const
}

/** Values from CellInfoRepository's comparison of cells, which names no data sheets. */
export const cellComparison = {
  source_url:
    'https://github.com/phdechent/CellInfoRepository/blob/db1c86da466f725023cdf81f12b6d584af795475/Sources/CellComparison.csv',
  source_title: 'CellInfoRepository, CellComparison.csv',
  source_licence: 'BSD-3-Clause',
  verification: 'secondary',
} as const
