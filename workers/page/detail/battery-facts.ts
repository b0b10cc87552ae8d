/** What the page shows of a battery, in groups: a new column of the catalogue appears here as one line. */
import type { None } from '../../../protocol/catalogue/column-facts.ts'
import type { BatteryColumn, ProvenanceColumn } from '../../../protocol/catalogue/columns.ts'
import { isRound } from '../../../protocol/catalogue/contradictions.ts'
import type { Battery } from '../../../protocol/catalogue/shapes.ts'
import { readable, symbolOf } from '../measures.ts'

type Field = BatteryColumn

export type Fact = {
  readonly label: string
  /** One field, or the two ends of a range. */
  readonly fields: readonly [Field] | readonly [least: Field, greatest: Field]
  /** The field that states how the value was measured. */
  readonly condition?: Field
  /** A dimension of round cells only, or of flat ones only. */
  readonly only?: 'round' | 'flat'
}

export type FactGroup = { readonly title: string; readonly facts: readonly Fact[] }

const groups = [
  {
    title: 'Make-up',
    facts: [
      { label: 'Kind', fields: ['kind'] },
      { label: 'Chemistry', fields: ['chemistry'] },
      { label: 'Positive electrode', fields: ['cathode_basis'] },
      { label: 'Negative electrode', fields: ['anode_basis'] },
      { label: 'Format', fields: ['format'] },
      { label: 'Size code', fields: ['size_code'] },
      { label: 'IEC designation', fields: ['iec_designation'] },
    ],
  },
  {
    title: 'Capacity, voltage, energy',
    facts: [
      { label: 'Nominal capacity', fields: ['nominal_capacity_mah'], condition: 'capacity_condition' },
      { label: 'Minimum capacity', fields: ['minimum_capacity_mah'], condition: 'capacity_condition' },
      { label: 'Nominal voltage', fields: ['nominal_voltage_mv'] },
      { label: 'Charging voltage', fields: ['charging_voltage_mv'] },
      { label: 'Discharge cut-off', fields: ['discharging_cutoff_voltage_mv'] },
      { label: 'Energy', fields: ['energy_mwh'] },
      { label: 'Specific energy', fields: ['specific_energy_mwh_per_kg'] },
      { label: 'Energy density', fields: ['energy_density_mwh_per_l'] },
    ],
  },
  {
    title: 'Current and resistance',
    facts: [
      { label: 'Standard charging', fields: ['standard_charging_current_ma'] },
      { label: 'Highest charging', fields: ['maximum_continuous_charging_current_ma'] },
      { label: 'Highest discharging', fields: ['maximum_continuous_discharging_current_ma'] },
      { label: 'Pulse discharging', fields: ['maximum_pulse_discharging_current_ma'] },
      { label: 'Length of that pulse', fields: ['pulse_duration_ms'] },
      {
        label: 'Resistance at 1 kHz',
        fields: ['ac_internal_resistance_uohm'],
        condition: 'resistance_condition',
      },
      {
        label: 'Resistance, DC',
        fields: ['dc_internal_resistance_uohm'],
        condition: 'resistance_condition',
      },
    ],
  },
  {
    title: 'Life and temperature',
    facts: [
      { label: 'Cycle life', fields: ['cycle_life'], condition: 'cycle_life_condition' },
      {
        label: 'Charging',
        fields: ['minimum_charging_temperature_mdegc', 'maximum_charging_temperature_mdegc'],
      },
      {
        label: 'Discharging',
        fields: ['minimum_discharging_temperature_mdegc', 'maximum_discharging_temperature_mdegc'],
      },
      {
        label: 'Storage',
        fields: ['minimum_storage_temperature_mdegc', 'maximum_storage_temperature_mdegc'],
      },
    ],
  },
  {
    title: 'Size and mass',
    facts: [
      { label: 'Mass', fields: ['mass_mg'] },
      { label: 'Diameter', fields: ['diameter_um'], only: 'round' },
      { label: 'Width', fields: ['width_um'], only: 'flat' },
      { label: 'Height', fields: ['height_um'] },
      { label: 'Thickness', fields: ['thickness_um'], only: 'flat' },
    ],
  },
  {
    title: 'Identifiers',
    facts: [
      { label: 'UN 38.3 revision', fields: ['un383_revision'] },
      { label: 'Wikidata', fields: ['wikidata_qid'] },
      { label: 'BattINFO', fields: ['battinfo_iri'] },
    ],
  },
] as const satisfies readonly FactGroup[]

type Shown = (typeof groups)[number]['facts'][number]
type Condition = Extract<Shown, { readonly condition: Field }>['condition']
/** Shown in other places: the title, the product, the transport, the source. */
type Elsewhere = 'id' | 'product_id' | 'manufacturer' | 'model' | 'un383_report' | ProvenanceColumn
/** A new column does not compile until it has a line above or is shown elsewhere. */
export type EveryColumnIsShown = None<Exclude<Field, Shown['fields'][number] | Condition | Elsewhere>>

export const batteryFacts: readonly FactGroup[] = groups

/** The value of a fact as people read it, unit included; undefined when none of it is known. */
export function factText(battery: Battery, { fields }: Fact): string | undefined {
  const texts = fields.map((field) => valueText(field, battery[field]))
  const [least, greatest] = texts
  if (texts.every((text) => text === undefined)) return undefined
  const symbol = symbolOf(fields[0])
  const unit = symbol === '' ? '' : `\u00a0${symbol}`
  if (fields.length === 1) return `${least}${unit}`
  return `${least ?? 'not known'} to ${greatest ?? 'not known'}${unit}`
}

/** What is not known and could be: a round cell has no width. */
export function isMissing(battery: Battery, fact: Fact): boolean {
  return (
    factText(battery, fact) === undefined &&
    (fact.only === undefined || (fact.only === 'round') === isRound(battery.format))
  )
}

function valueText(field: string, value: Battery[Field]): string | undefined {
  if (value === null || value === undefined) return undefined
  return typeof value === 'number' ? readable(field, value) : String(value)
}
