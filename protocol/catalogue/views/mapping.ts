/**
 * The names of a battery's attributes in other vocabularies: BattINFO (domain ontology, property names of its cell specification) and
 * the Battery Pass data model 1.2.0 (technical attributes and related ones). The catalogue describes models; a battery passport
 * describes one individual battery, and nothing here is one.
 */
import type { None } from '../column-facts.ts'
import type { BatteryColumn, ProvenanceColumn } from '../columns.ts'

export const MAPPING_NOTE =
  'Names of a battery model elsewhere. This is no passport: that describes one individual battery.'

type Names<Columns extends readonly BatteryColumn[] = readonly BatteryColumn[]> = {
  readonly columns: Columns
  readonly battinfo: string | null
  readonly battery_pass: string | null
}

function names<const Columns extends readonly BatteryColumn[]>(
  columns: Columns,
  battinfo: string | null,
  battery_pass: string | null = null,
): Names<Columns> {
  return { columns, battinfo, battery_pass }
}

/** Columns of the catalogue, the BattINFO property, the Battery Pass attribute. */
const columnAttributes = [
  names(['manufacturer'], 'manufacturer', 'manufacturerInformation'),
  names(['model'], 'model', 'productIdentifier'),
  names(['chemistry'], 'chemistry', 'batteryChemistry'),
  names(['cathode_basis'], 'positive_electrode_basis'),
  names(['anode_basis'], 'negative_electrode_basis'),
  names(['format'], 'cell_format'),
  names(['size_code'], 'size_code'),
  names(['iec_designation'], 'iec_code'),
  names(['nominal_capacity_mah'], 'nominal_capacity', 'ratedCapacity'),
  names(['minimum_capacity_mah'], 'minimum_capacity'),
  names(['energy_mwh'], 'nominal_energy', 'ratedEnergy'),
  names(['nominal_voltage_mv'], 'nominal_voltage', 'nominalVoltage'),
  names(['charging_voltage_mv'], 'charging_voltage', 'maximumVoltage'),
  names(['discharging_cutoff_voltage_mv'], 'discharging_cutoff_voltage', 'minimumVoltage'),
  names(['standard_charging_current_ma'], 'charging_current'),
  names(['maximum_continuous_charging_current_ma'], 'maximum_continuous_charging_current'),
  names(['maximum_continuous_discharging_current_ma'], 'maximum_continuous_discharging_current'),
  names(['maximum_pulse_discharging_current_ma'], 'maximum_pulse_discharging_current'),
  names(['ac_internal_resistance_uohm'], 'ac_internal_resistance'),
  names(['dc_internal_resistance_uohm'], 'dc_internal_resistance', 'initialInternalResistance'),
  names(['cycle_life'], 'cycle_life', 'expectedNumberOfCycles'),
  names(['cycle_life_condition'], null, 'lifetimeReferenceTest'),
  names(['mass_mg'], 'mass', 'batteryMass'),
  names(['diameter_um'], 'diameter'),
  names(['height_um'], 'height'),
  names(['width_um'], 'width'),
  names(['thickness_um'], 'thickness'),
  names(['minimum_charging_temperature_mdegc'], 'minimum_charging_temperature'),
  names(['maximum_charging_temperature_mdegc'], 'maximum_charging_temperature'),
  names(['minimum_discharging_temperature_mdegc'], 'minimum_discharging_temperature'),
  names(['maximum_discharging_temperature_mdegc'], 'maximum_discharging_temperature'),
  names(
    ['minimum_storage_temperature_mdegc', 'maximum_storage_temperature_mdegc'],
    'storage_temperature',
    'temperatureRangeIdleState',
  ),
  names(['specific_energy_mwh_per_kg'], 'specific_energy'),
  names(['energy_density_mwh_per_l'], 'energy_density'),
]

/** Battery Pass attributes for which the catalogue has no column. They are never filled. */
const columnless = [
  'batteryCategory',
  'originalPowerCapability',
  'ratedMaximumPower',
  'powerCapabilityRatio',
  'expectedLifetime',
  'cRate',
  'cRateLifeCycleTest',
  'capacityThresholdForExhaustion',
  'initialSelfDischarge',
  'roundtripEfficiency',
]

/** Columns that have no name in either model. */
type Unnamed =
  | 'id'
  | 'product_id'
  | 'kind'
  | 'capacity_condition'
  | 'pulse_duration_ms'
  | 'resistance_condition'
  | 'un383_report'
  | 'un383_revision'
  | 'wikidata_qid'
  | 'battinfo_iri'
  | ProvenanceColumn
type Named = (typeof columnAttributes)[number]['columns'][number]
/** A new column does not compile until it is mapped above or listed as unnamed. */
export type EveryColumnIsMapped = None<Exclude<BatteryColumn, Named | Unnamed>>

export const attributeNames: readonly Names[] = [
  ...columnAttributes,
  ...columnless.map((attribute) => names([], null, attribute)),
]

export type Mapped = Names & { readonly filled: boolean }

/** Each attribute, and whether the row fills it: all its columns are known. */
export function mappingOf(row: Readonly<Record<string, unknown>>): Mapped[] {
  return attributeNames.map((attribute) => ({
    ...attribute,
    filled:
      attribute.columns.length > 0 &&
      attribute.columns.every((column) => row[column] !== null && row[column] !== undefined),
  }))
}
