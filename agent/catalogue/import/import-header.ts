/**
 * What the columns of a file mean: the catalogue's own names, the same with another unit (`nominal_voltage_v`, `Nominal voltage (V)`),
 * and the header of CellInfoRepository's product list, which names no units. Pure.
 */
import type { ColumnTable } from '../../../protocol/catalogue/column-facts.ts'
import {
  bookkeepingColumns,
  columnsOf,
  productReferences,
  type ProductColumn,
} from '../../../protocol/catalogue/columns.ts'
import { splitUnit } from '../../../protocol/catalogue/units.ts'
import type { Resource } from '../../../protocol/catalogue/vocabulary.ts'

export type FileColumn = {
  /** The title in the file, for messages. */
  readonly title: string
  readonly field: string
  readonly read: 'text' | 'wikidata' | 'type' | { readonly power: number }
}

export type Header = {
  readonly resource: Resource
  /** One for each column of the file. */
  readonly columns: readonly ColumnMeaning[]
}

/** Header of `Sources/cell_product_list.csv`; its numbers are in kg, mm, V, Ah and A. */
const productList: Readonly<Record<string, string>> = {
  manufacturer: 'manufacturer',
  model: 'model',
  wikidata: 'wikidata_qid',
  source: 'source_url',
  type: 'kind',
  case: 'size_code',
  mass: 'mass_kg',
  diameter: 'diameter_mm',
  height: 'height_mm',
  thickness: 'thickness_mm',
  width: 'width_mm',
  nominal_voltage: 'nominal_voltage_v',
  nominal_capacity: 'nominal_capacity_ah',
  lower_voltage_limit: 'discharging_cutoff_voltage_v',
  upper_voltage_limit: 'charging_voltage_v',
  maximum_charge_current: 'maximum_continuous_charging_current_a',
  maximum_discharge_current: 'maximum_continuous_discharging_current_a',
}
/** The same list, read as products. */
const listedProducts: Readonly<Record<string, ProductColumn>> = {
  manufacturer: 'manufacturer',
  model: 'sku',
  source: 'source_url',
  type: 'category',
}

/** A title in the catalogue's spelling: `Nominal voltage (V)` -> `nominal_voltage_v`, `nominalVoltage` -> `nominal_voltage`. */
export function normalised(title: string): string {
  const words = /^[A-Za-z]+$/.test(title) ? title.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_') : title
  return words
    .toLowerCase()
    .replaceAll(/[µμ]/g, 'u')
    .replaceAll('ω', 'ohm')
    .replaceAll('°', 'deg')
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
}

/** Every name of a measured column of batteries, in each of its units, with the field and the power of ten. */
const numberNames = new Map(
  Object.entries(columnsOf.batteries)
    .filter(([, { type }]) => type === 'measure' || type === 'count')
    .flatMap(([field]): [string, { field: string; power: number }][] => {
      const split = splitUnit(field)
      if (split === undefined) return [[field, { field, power: 0 }]]
      const units = Object.entries(split.powers)
      return units.map(([unit, power]) => [`${split.base}_${unit}`, { field, power }])
    }),
)

/** What a title means: a column, one that is ignored, or why it is refused. */
export type ColumnMeaning = FileColumn | 'ignored' | { readonly refused: string }

function isOneOf(names: readonly string[], name: string): boolean {
  return names.includes(name)
}

function meaningOf(resource: Resource, title: string, name: string): ColumnMeaning {
  const columns: ColumnTable = columnsOf[resource]
  const facts = Object.hasOwn(columns, name) ? columns[name] : undefined
  // The edge fills these itself.
  if (facts?.type === 'id' || facts?.type === 'derived' || isOneOf(bookkeepingColumns, name)) return 'ignored'
  if (facts?.type === 'reference') return { title, field: name, read: { power: 0 } }
  if (resource === 'products')
    return facts === undefined
      ? { refused: 'is no column of a product' }
      : { title, field: name, read: 'text' }
  const number = numberNames.get(name)
  if (number !== undefined) return { title, field: number.field, read: number }
  if (facts !== undefined || isOneOf(productReferences, name)) return { title, field: name, read: 'text' }
  const units = [...numberNames.keys()].filter((known) => known.replace(/_[a-z]+$/, '') === name)
  if (units.length > 0) return { refused: `names no unit: one of ${units.join(', ')} is expected` }
  return { refused: 'is no column of a battery' }
}

function meaningInList(resource: Resource, title: string, name: string): ColumnMeaning {
  const known = (resource === 'products' ? listedProducts : productList)[name]
  const meaning = known === undefined ? 'ignored' : meaningOf(resource, title, known)
  if (typeof meaning !== 'object' || 'refused' in meaning) return meaning
  if (name === 'type' || name === 'wikidata') return { ...meaning, read: name }
  return meaning
}

/** What a file with these titles holds, unless `wanted` says it. */
export function resourceOf(titles: readonly string[], wanted: Resource | undefined): Resource {
  return wanted ?? (titles.some((title) => normalised(title) === 'sku') ? 'products' : 'batteries')
}

/** The meaning of single titles, for a file whose rows name their own fields. */
export function meanings(resource: Resource): (title: string) => ColumnMeaning {
  return (title) => meaningOf(resource, title, normalised(title))
}

/** The meaning of each title of a header. A title whose field an earlier one has is refused. */
export function readHeader(titles: readonly string[], wanted: Resource | undefined): Header {
  const names = titles.map(normalised)
  const listed = ['type', 'case', ...names].every(
    (name) => names.includes(name) && Object.hasOwn(productList, name),
  )
  const resource = resourceOf(titles, wanted)
  const seen = new Set<string>()
  const columns = titles.map((title, index): ColumnMeaning => {
    const meaning = (listed ? meaningInList : meaningOf)(resource, title, names[index] ?? '')
    if (typeof meaning !== 'object' || 'refused' in meaning) return meaning
    if (seen.has(meaning.field)) return { refused: `says ${meaning.field} a second time` }
    seen.add(meaning.field)
    return meaning
  })
  return { resource, columns }
}
