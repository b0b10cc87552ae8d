/**
 * What the columns of a file mean: the catalogue's own names, the same with another unit (`nominal_voltage_v`, `Nominal voltage (V)`),
 * and the header of CellInfoRepository's product list, which names no units. Pure.
 */
import { batteryLimits } from '../../../protocol/catalogue/columns.ts'
import type { ExportResource } from '../../../protocol/catalogue/vocabulary.ts'
import { measure } from './decimal-numbers.ts'

export type Column = {
  /** As the file writes it, for messages. */
  readonly title: string
  readonly field: string
  readonly read: 'text' | 'wikidata' | 'type' | { readonly power: number }
}

export type Header = {
  readonly resource: ExportResource
  /** One for each column of the file. */
  readonly columns: readonly Meaning[]
}

const provenance = [
  'source_url',
  'source_title',
  'source_licence',
  'source_retrieved_on',
  'verification',
] as const
const textFields: Readonly<Record<ExportResource, readonly string[]>> = {
  products: [
    'sku',
    'gtin',
    'name',
    'manufacturer',
    'category',
    'status',
    'datasheet_url',
    'datasheet_revision',
    ...provenance,
  ],
  batteries: [
    'product_sku',
    'product_manufacturer',
    'manufacturer',
    'model',
    'kind',
    'chemistry',
    'cathode_basis',
    'anode_basis',
    'format',
    'size_code',
    'iec_designation',
    'capacity_condition',
    'resistance_condition',
    'cycle_life_condition',
    'un383_report',
    'un383_revision',
    'wikidata_qid',
    'battinfo_iri',
    ...provenance,
  ],
}
/** Computed by the edge from the other columns. */
const derived = ['energy_mwh', 'specific_energy_mwh_per_kg', 'energy_density_mwh_per_l']
/** Given by the edge itself. */
const kept = ['id', 'version', 'created_at', 'updated_at']

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
/** The same list read as products. */
const listedProducts: Readonly<Record<string, string>> = {
  manufacturer: 'manufacturer',
  model: 'sku',
  source: 'source_url',
  type: 'category',
}

/** `Nominal voltage (V)`, `nominalVoltage` and `nominal_voltage_v` in one writing. */
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

/** Every name that a column of batteries may have, with the field and the power of ten it stands for. */
const numberNames = new Map<string, { field: string; power: number }>()
for (const field of Object.keys(batteryLimits)) {
  const measured = measure(field)
  if (measured === undefined) numberNames.set(field, { field, power: 0 })
  else
    for (const [unit, power] of Object.entries(measured.units))
      numberNames.set(`${measured.base}_${unit}`, { field, power })
}

/** What a title means: a column, nothing to read, or why it cannot be read. */
export type Meaning = Column | 'ignored' | { readonly refused: string }

function meaningOf(resource: ExportResource, title: string, name: string): Meaning {
  if (textFields[resource].includes(name)) return { title, field: name, read: 'text' }
  if (kept.includes(name)) return 'ignored'
  if (resource === 'products') return { refused: 'is no column of a product' }
  if (derived.includes(name)) return 'ignored'
  if (name === 'product_id') return { title, field: name, read: { power: 0 } }
  const number = numberNames.get(name)
  if (number !== undefined) return { title, field: number.field, read: number }
  const units = [...numberNames.keys()].filter((known) => known.replace(/_[a-z]+$/, '') === name)
  if (units.length > 0) return { refused: `names no unit: one of ${units.join(', ')} is expected` }
  return { refused: 'is no column of a battery' }
}

function meaningInList(resource: ExportResource, title: string, name: string): Meaning {
  const known = (resource === 'products' ? listedProducts : productList)[name]
  const meaning = known === undefined ? 'ignored' : meaningOf(resource, title, known)
  if (typeof meaning !== 'object' || 'refused' in meaning) return meaning
  if (name === 'type' || name === 'wikidata') return { ...meaning, read: name }
  return meaning
}

/** Which of the two a file with these names holds, unless `wanted` says it. */
export function resourceOf(titles: readonly string[], wanted: ExportResource | undefined): ExportResource {
  return wanted ?? (titles.some((title) => normalised(title) === 'sku') ? 'products' : 'batteries')
}

/** The meaning of single names, for a file whose rows name their own fields. */
export function meanings(resource: ExportResource): (title: string) => Meaning {
  return (title) => meaningOf(resource, title, normalised(title))
}

/** The meaning of a header: for each title its own, or the fault that the same field stood there before. */
export function readHeader(titles: readonly string[], wanted: ExportResource | undefined): Header {
  const names = titles.map(normalised)
  const listed = ['type', 'case', ...names].every(
    (name) => names.includes(name) && Object.hasOwn(productList, name),
  )
  const resource = resourceOf(titles, wanted)
  const seen = new Set<string>()
  const columns = titles.map((title, index): Meaning => {
    const meaning = (listed ? meaningInList : meaningOf)(resource, title, names[index] ?? '')
    if (typeof meaning !== 'object' || 'refused' in meaning) return meaning
    if (seen.has(meaning.field)) return { refused: `says ${meaning.field} a second time` }
    seen.add(meaning.field)
    return meaning
  })
  return { resource, columns }
}
