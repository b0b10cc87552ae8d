/**
 * By what a list can be filtered and ordered. No zod.
 * Queries, parameters and labels are maps over these names: one that lacks a name does not compile.
 */
import type { AmountColumn, BatteryColumn, ProductColumn } from './columns.ts'

/** Columns of which a list takes one value, by the parameter of that name. */
export const productEqualities = [
  'category',
  'status',
  'manufacturer',
] as const satisfies readonly ProductColumn[]
export const batteryEqualities = [
  'chemistry',
  'format',
  'kind',
  'size_code',
  'manufacturer',
  'product_id',
] as const satisfies readonly BatteryColumn[]

/** Each of these takes `min_<column>` and `max_<column>`. Unless `sort` is given, the first of them with a bound orders the list. */
export const batteryRanges = [
  'nominal_capacity_mah',
  'energy_mwh',
  'nominal_voltage_mv',
  'maximum_continuous_charging_current_ma',
  'maximum_continuous_discharging_current_ma',
  'maximum_pulse_discharging_current_ma',
  'mass_mg',
  'diameter_um',
  'height_um',
  'width_um',
  'thickness_um',
  'ac_internal_resistance_uohm',
  'dc_internal_resistance_uohm',
  'cycle_life',
  'minimum_discharging_temperature_mdegc',
  'maximum_discharging_temperature_mdegc',
  'specific_energy_mwh_per_kg',
  'energy_density_mwh_per_l',
] as const satisfies readonly AmountColumn[]
export type BatteryRange = (typeof batteryRanges)[number]

/** `<use>_at_mdegc=t` keeps the batteries whose temperature range for that use contains t. */
export const temperatureUses = ['charging', 'discharging', 'storage'] as const
export type TemperatureUse = (typeof temperatureUses)[number]

/** `q` searches the text index. */
type Search = 'q'
export type Bound<Column extends string> = `min_${Column}` | `max_${Column}`
export type TemperatureFilter = `${TemperatureUse}_at_mdegc`

/** Every parameter that decides which rows a list has. */
export type ProductFilterName = Search | (typeof productEqualities)[number]
export type BatteryFilterName =
  | Search
  | (typeof batteryEqualities)[number]
  | Bound<BatteryRange>
  | TemperatureFilter

/** What `sort` takes. Rows whose value is not known come last in either order; equal values are ordered by id. */
export const productSorts = [
  'id',
  'name',
  'manufacturer',
  'sku',
  'category',
  'status',
] as const satisfies readonly ProductColumn[]
export const batterySorts = [
  'id',
  'manufacturer',
  'model',
  'kind',
  'chemistry',
  'format',
  'size_code',
  ...batteryRanges,
] as const satisfies readonly BatteryColumn[]
export const orders = ['asc', 'desc'] as const

/** The column that orders a list under these parameters, undefined for the id: a search is ordered by it unless `sort` is given. */
export function orderedBy(given: Readonly<Record<string, unknown>>): string | undefined {
  const { sort, q } = given
  if (typeof sort === 'string') return sort === 'id' ? undefined : sort
  if (q !== undefined) return undefined
  return batteryRanges.find(
    (column) => given[`min_${column}`] !== undefined || given[`max_${column}`] !== undefined,
  )
}

/** Options of `voltdrop send` and `voltdrop export` that stand for a filter of batteries; all others are given by `--filter`. */
export const filterOptions = {
  chemistry: 'chemistry',
  format: 'format-factor',
  manufacturer: 'manufacturer',
  min_nominal_capacity_mah: 'min-capacity',
  max_nominal_capacity_mah: 'max-capacity',
} as const satisfies Partial<Record<BatteryFilterName, string>>
