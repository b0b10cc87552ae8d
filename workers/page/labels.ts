/** What people read in place of the names of columns, filters and values of the catalogue. A new one does not compile without its label. */
import type { BatteryColumn, ProductColumn } from '../../protocol/catalogue/columns.ts'
import type {
  BatteryFilterName,
  BatteryRange,
  Bound,
  ProductFilterName,
} from '../../protocol/catalogue/filters.ts'
import type { categories } from '../../protocol/catalogue/vocabulary.ts'

const columnLabels: Readonly<Record<BatteryColumn | ProductColumn, string>> = {
  id: 'Number in the catalogue',
  product_id: 'Number of the product',
  manufacturer: 'Maker',
  sku: 'Number',
  gtin: 'GTIN',
  name: 'Name',
  category: 'Category',
  status: 'Status',
  datasheet_url: 'Data sheet',
  datasheet_revision: 'Revision of the data sheet',
  model: 'Model',
  kind: 'Kind',
  chemistry: 'Chemistry',
  cathode_basis: 'Positive electrode',
  anode_basis: 'Negative electrode',
  format: 'Format',
  size_code: 'Size code',
  iec_designation: 'IEC designation',
  nominal_capacity_mah: 'Nominal capacity',
  minimum_capacity_mah: 'Minimum capacity',
  capacity_condition: 'How the capacity was measured',
  nominal_voltage_mv: 'Nominal voltage',
  charging_voltage_mv: 'Charging voltage',
  discharging_cutoff_voltage_mv: 'Discharge cut-off',
  standard_charging_current_ma: 'Standard charging current',
  maximum_continuous_charging_current_ma: 'Continuous charging current',
  maximum_continuous_discharging_current_ma: 'Continuous discharging current',
  maximum_pulse_discharging_current_ma: 'Pulse discharging current',
  pulse_duration_ms: 'Length of the pulse',
  ac_internal_resistance_uohm: 'Resistance at 1 kHz',
  dc_internal_resistance_uohm: 'Resistance, DC',
  resistance_condition: 'How the resistance was measured',
  cycle_life: 'Cycle life',
  cycle_life_condition: 'How the cycle life was measured',
  mass_mg: 'Mass',
  diameter_um: 'Diameter',
  height_um: 'Height',
  width_um: 'Width',
  thickness_um: 'Thickness',
  minimum_charging_temperature_mdegc: 'Lowest charging temperature',
  maximum_charging_temperature_mdegc: 'Highest charging temperature',
  minimum_discharging_temperature_mdegc: 'Lowest discharging temperature',
  maximum_discharging_temperature_mdegc: 'Highest discharging temperature',
  minimum_storage_temperature_mdegc: 'Lowest storage temperature',
  maximum_storage_temperature_mdegc: 'Highest storage temperature',
  un383_report: 'UN 38.3 summary',
  un383_revision: 'UN 38.3 revision',
  wikidata_qid: 'Wikidata',
  battinfo_iri: 'BattINFO',
  energy_mwh: 'Energy',
  specific_energy_mwh_per_kg: 'Specific energy',
  energy_density_mwh_per_l: 'Energy density',
  source_url: 'Source',
  source_title: 'Title of the source',
  source_licence: 'Licence of the source',
  source_retrieved_on: 'Read on',
  verification: 'Verification',
}

/** Filters that are no bounds of a range. */
const filterLabels: Readonly<
  Record<Exclude<BatteryFilterName | ProductFilterName, Bound<BatteryRange>>, string>
> = {
  q: 'Search',
  category: columnLabels.category,
  status: columnLabels.status,
  manufacturer: columnLabels.manufacturer,
  chemistry: columnLabels.chemistry,
  format: columnLabels.format,
  kind: 'Cell or pack',
  size_code: columnLabels.size_code,
  product_id: columnLabels.product_id,
  charging_at_mdegc: 'Can be charged at, °C',
  discharging_at_mdegc: 'Can be discharged at, °C',
  storage_at_mdegc: 'Can be stored at, °C',
}

/** Values whose words are not simply their parts. */
const spelled: Readonly<Partial<Record<(typeof categories)[number], string>>> = {
  lithium_ion_cell: 'Lithium-ion cell',
  lithium_ion_pack: 'Lithium-ion pack',
  sodium_ion: 'Sodium-ion',
  nickel_metal_hydride: 'Nickel-metal hydride',
  nickel_cadmium: 'Nickel-cadmium',
  lead_acid: 'Lead-acid',
  zinc_air: 'Zinc-air',
}

function find(labels: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(labels, name) ? labels[name] : undefined
}

/** The label of a column in filters and table heads. */
export function columnLabel(column: string): string {
  return find(columnLabels, column) ?? spell(column)
}

/** The label of a parameter that is no bound of a range; one that is no filter is named by its own words. */
export function parameterLabel(name: string): string {
  return find(filterLabels, name) ?? spell(name)
}

/** A value of the vocabulary as people read it: `not_recommended` -> `Not recommended`. */
export function spell(name: string): string {
  const known = find(spelled, name)
  if (known !== undefined) return known
  const text = name.replaceAll('_', ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}
