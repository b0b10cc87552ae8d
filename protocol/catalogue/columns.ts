/**
 * The columns of products and batteries, each with its type, limits and description, in the order in which they are shown and exported.
 */
import {
  columnNames,
  writableColumns,
  type ColumnOfType,
  type ColumnTable,
  type None,
  type Range,
} from './column-facts.ts'
import type { Unit } from './units.ts'
import {
  categories,
  chemistries,
  formats,
  kinds,
  statuses,
  verifications,
  type Resource,
} from './vocabulary.ts'

/** Characters of an https address. */
export const URL_CHARACTERS = 500

const name = { type: 'name', longest: 120 } as const
const text = { type: 'text', longest: 120 } as const
const longText = { type: 'text', longest: 300 } as const
const condition = { type: 'condition', longest: 300 } as const
const id = { type: 'id', description: 'Never given twice.' } as const

/** Where the facts of a row come from. */
const provenance = {
  source_url: { type: 'url', required: true, description: 'Where the facts of this row can be read.' },
  source_title: { ...longText, description: 'What that source is.' },
  source_licence: { ...longText, description: 'The licence of the source, where it has one.' },
  source_retrieved_on: { type: 'date', description: 'YYYY-MM-DD' },
  verification: {
    type: 'choice',
    values: verifications,
    default: 'unverified',
    description: 'How far the row has been checked.',
  },
} as const satisfies ColumnTable

export type ProvenanceColumn = keyof typeof provenance

/** In the order in which they are shown and exported. */
export const productColumns = {
  id,
  sku: { ...name, required: true, description: "The maker's or seller's number; unique for a manufacturer." },
  gtin: { type: 'gtin', description: 'GTIN-8, -12, -13 or -14.' },
  name: { ...name, required: true, description: 'What it is called in a list.' },
  manufacturer: { ...name, required: true, description: 'Who makes it.' },
  category: { type: 'choice', values: categories, required: true, description: 'What kind of thing it is.' },
  status: {
    type: 'choice',
    values: statuses,
    default: 'unknown',
    description: 'Whether it is still made.',
  },
  datasheet_url: { type: 'url', description: 'The data sheet.' },
  datasheet_revision: { ...longText, description: 'Its revision.' },
  ...provenance,
} as const satisfies ColumnTable

export type ProductColumn = keyof typeof productColumns

/** The range is that of real cells and packs, so that a value in the wrong unit is refused. */
function measure(range: Range, description: string) {
  return { type: 'measure', range, description } as const
}
function derived(greatest: number, description: string) {
  return { type: 'derived', range: [0, greatest], description } as const
}

const capacity = [1, 2_000_000] as const
const voltage = [1_000, 1_500_000] as const
const chargingCurrent = [1, 5_000_000] as const
const dischargingCurrent = [1, 20_000_000] as const
const resistance = [1, 10_000_000] as const
export const temperatureRange = [-80_000, 150_000] as const

/** In the order in which they are shown and exported. */
export const batteryColumns = {
  id,
  product_id: { type: 'reference', required: true, description: 'The product that it is sold as.' },
  manufacturer: { ...name, required: true, description: 'Who makes it.' },
  model: { ...name, required: true, description: "The maker's name for it; unique for a manufacturer." },
  kind: { type: 'choice', values: kinds, required: true, description: 'A single cell, or a pack of cells.' },
  chemistry: {
    type: 'choice',
    values: chemistries,
    description: 'The active materials, by their usual short name.',
  },
  cathode_basis: { ...text, description: 'The positive electrode.' },
  anode_basis: { ...text, description: 'The negative electrode.' },
  format: { type: 'choice', values: formats, description: 'The shape of the case.' },
  size_code: { ...name, description: 'IEC size, such as R18650.' },
  iec_designation: { ...text, description: 'IEC 61960-3 designation.' },
  nominal_capacity_mah: measure(capacity, 'Nominal capacity, mAh.'),
  minimum_capacity_mah: measure(capacity, 'Minimum capacity, mAh.'),
  capacity_condition: { ...condition, description: 'How the capacity was measured.' },
  nominal_voltage_mv: measure(voltage, 'Nominal voltage, mV.'),
  charging_voltage_mv: measure(voltage, 'Upper limit of charging, mV.'),
  discharging_cutoff_voltage_mv: measure([500, 1_500_000], 'Lower limit of discharging, mV.'),
  standard_charging_current_ma: measure(chargingCurrent, 'Standard charging current, mA.'),
  maximum_continuous_charging_current_ma: measure(
    chargingCurrent,
    'Highest continuous charging current, mA.',
  ),
  maximum_continuous_discharging_current_ma: measure(
    dischargingCurrent,
    'Highest continuous discharging current, mA.',
  ),
  maximum_pulse_discharging_current_ma: measure(
    dischargingCurrent,
    'Highest discharging current of a pulse, mA.',
  ),
  pulse_duration_ms: measure([1, 3_600_000], 'How long that pulse may last, ms.'),
  ac_internal_resistance_uohm: measure(resistance, 'Internal resistance at 1 kHz, microohm.'),
  dc_internal_resistance_uohm: measure(resistance, 'Internal resistance by direct current, microohm.'),
  resistance_condition: { ...condition, description: 'How the resistance was measured.' },
  cycle_life: { type: 'count', range: [1, 1_000_000], description: 'Cycles until the end of life.' },
  cycle_life_condition: { ...condition, description: 'Rates, depth of discharge, capacity left.' },
  mass_mg: measure([100, 5_000_000_000], 'Mass, mg.'),
  diameter_um: measure([1_000, 200_000], 'Diameter, micrometre.'),
  height_um: measure([500, 3_000_000], 'Height, micrometre.'),
  width_um: measure([1_000, 3_000_000], 'Width, micrometre.'),
  thickness_um: measure([100, 3_000_000], 'Thickness, micrometre.'),
  minimum_charging_temperature_mdegc: measure(
    temperatureRange,
    'Lowest temperature for charging, 0.001 degree Celsius.',
  ),
  maximum_charging_temperature_mdegc: measure(
    temperatureRange,
    'Highest temperature for charging, 0.001 degree Celsius.',
  ),
  minimum_discharging_temperature_mdegc: measure(
    temperatureRange,
    'Lowest temperature for discharging, 0.001 degree Celsius.',
  ),
  maximum_discharging_temperature_mdegc: measure(
    temperatureRange,
    'Highest temperature for discharging, 0.001 degree Celsius.',
  ),
  minimum_storage_temperature_mdegc: measure(
    temperatureRange,
    'Lowest temperature for storage, 0.001 degree Celsius.',
  ),
  maximum_storage_temperature_mdegc: measure(
    temperatureRange,
    'Highest temperature for storage, 0.001 degree Celsius.',
  ),
  un383_report: { ...longText, description: 'Id or address of the UN 38.3 test summary.' },
  un383_revision: { ...text, description: "Revision of the UN manual's section 38.3 tested against." },
  wikidata_qid: { type: 'wikidata', description: 'Wikidata item.' },
  battinfo_iri: { type: 'url', description: 'BattINFO identifier.' },
  ...provenance,
  energy_mwh: derived(3_000_000_000, 'Nominal voltage times nominal capacity, mWh.'),
  specific_energy_mwh_per_kg: derived(1_000_000_000, 'Energy by mass, mWh/kg.'),
  energy_density_mwh_per_l: derived(
    1_000_000_000,
    'Energy by the volume of the enclosing cylinder or box, mWh/L.',
  ),
} as const satisfies ColumnTable

export type BatteryColumn = keyof typeof batteryColumns
/** Columns whose value is a number within a range. */
export type AmountColumn = ColumnOfType<typeof batteryColumns, 'measure' | 'count' | 'derived'>

/** Measured or derived columns whose name does not end in a unit of units.ts. */
type WithoutUnit = Exclude<ColumnOfType<typeof batteryColumns, 'measure' | 'derived'>, `${string}_${Unit}`>
export type EveryMeasureHasAUnit = None<WithoutUnit>

/** Kept by the database for each row and not shown: how often it was changed, and when. */
export const bookkeepingColumns = ['version', 'created_at', 'updated_at'] as const
export type BookkeepingColumn = (typeof bookkeepingColumns)[number]

/** How a row of an import names a battery's product: by its id, or by its number and manufacturer. */
export const productReferences = ['product_id', 'product_sku', 'product_manufacturer'] as const

export const columnsOf = { products: productColumns, batteries: batteryColumns } as const satisfies Record<
  Resource,
  ColumnTable
>

/** The names of the columns, in the order in which they are shown and exported. */
export const provenanceFields = columnNames(provenance)
export const productFields = columnNames(productColumns)
export const batteryFields = columnNames(batteryColumns)

/** The names of those that can be written, in the order of a write. */
export const writableFields: Readonly<Record<Resource, readonly string[]>> = {
  products: writableColumns(productColumns),
  batteries: writableColumns(batteryColumns),
}
