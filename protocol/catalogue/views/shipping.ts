/**
 * How a lithium-ion cell or battery is classed for transport by air, computed from its energy: IATA Dangerous Goods Regulations,
 * packing instructions 965 to 967. It helps people who know the rules; the shipper remains responsible.
 */
import type { RowOf } from '../column-facts.ts'
import type { BatteryColumn, batteryColumns } from '../columns.ts'

/** The edition whose thresholds these are. */
export const SHIPPING_RULES = 'IATA DGR 67th edition (2026), PI 965-967'

/** mWh up to which Section II or IB applies. Above it, the shipment is fully regulated. */
const section2 = { cell: 20_000, pack: 100_000 } as const
/** mWh above which a limit on the state of charge applies to batteries packed with equipment too. */
const SMALL_MWH = 2_700

/** Highest state of charge, in percent of the rated capacity, where there is a limit. */
const CHARGE_LIMIT = 30

export const wattHourClasses = [
  'up_to_2.7_wh',
  'up_to_20_wh',
  'up_to_100_wh',
  'over_20_wh',
  'over_100_wh',
] as const
export type WattHourClass = (typeof wattHourClasses)[number]

/** One way to ship: alone, packed with equipment, or contained in it. The section is null when the energy is not known. */
export type Consignment = {
  readonly un_number: 'UN3480' | 'UN3481'
  readonly packing_instruction: 'PI 965' | 'PI 966' | 'PI 967'
  readonly section: 'IA' | 'IB' | 'I' | 'II' | null
  readonly state_of_charge_limit_percent: number | null
}

export type Shipping = {
  readonly watt_hours: number | null
  readonly watt_hour_class: WattHourClass | null
  readonly alone: Consignment
  readonly with_equipment: Consignment
  readonly in_equipment: Consignment
  /** Whether the row names a UN 38.3 test summary, which every shipment needs. */
  readonly un383_summary: boolean
  readonly rules: string
  readonly note: string
}

/** The columns from which the class is computed. */
export const shippingFields = [
  'kind',
  'energy_mwh',
  'un383_report',
] as const satisfies readonly BatteryColumn[]
type Shipped = Pick<RowOf<typeof batteryColumns>, (typeof shippingFields)[number]>

export function shippingOf({ kind, energy_mwh: energy, un383_report: report }: Shipped): Shipping {
  const small = energy === null ? null : energy <= section2[kind]
  function either<Section>(within: Section, beyond: Section) {
    return small === null ? null : small ? within : beyond
  }
  return {
    watt_hours: energy === null ? null : energy / 1000,
    watt_hour_class: energy === null ? null : classOf(kind, energy),
    alone: {
      un_number: 'UN3480',
      packing_instruction: 'PI 965',
      section: either('IB', 'IA'),
      state_of_charge_limit_percent: CHARGE_LIMIT,
    },
    with_equipment: {
      un_number: 'UN3481',
      packing_instruction: 'PI 966',
      section: either('II', 'I'),
      state_of_charge_limit_percent: energy === null || energy > SMALL_MWH ? CHARGE_LIMIT : null,
    },
    in_equipment: {
      un_number: 'UN3481',
      packing_instruction: 'PI 967',
      section: either('II', 'I'),
      state_of_charge_limit_percent: null,
    },
    un383_summary: report !== null,
    rules: SHIPPING_RULES,
    note: 'Computed from catalogue values; not legal advice. Check the current regulations and the test summary before shipping.',
  }
}

function classOf(kind: Shipped['kind'], energyMwh: number): WattHourClass {
  if (energyMwh <= SMALL_MWH) return 'up_to_2.7_wh'
  if (kind === 'cell') return energyMwh <= section2.cell ? 'up_to_20_wh' : 'over_20_wh'
  return energyMwh <= section2.pack ? 'up_to_100_wh' : 'over_100_wh'
}
