/**
 * The filters and orders of a list. Queries, parameters and labels are maps over these names: one that lacks a name does not compile.
 * No zod: the command line reads this at start-up.
 */
import type { AmountColumn, BatteryColumn, ProductColumn } from './columns.ts'

/** Columns that a list can be narrowed to one value of, by the parameter of the same name. */
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

/** Columns with the parameters `min_<column>` and `max_<column>`. Without `sort`, the first of them with a bound orders the list. */
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

/** The parameters that decide which rows a list has. */
export type ProductFilterName = Search | (typeof productEqualities)[number]
export type BatteryFilterName =
  | Search
  | (typeof batteryEqualities)[number]
  | Bound<BatteryRange>
  | TemperatureFilter

/** The words of a search (letters and digits), each once: every one of them is looked for. */
export function searchWords(q: string): string[] {
  return [...new Set(q.match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu) ?? [])]
}

/** The values of `sort`. Rows whose value is not known come last in either direction; equal values are ordered by id. */
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

/** The column that orders a list under these parameters; undefined for the id, which also orders a search without `sort`. */
export function orderedBy(given: Readonly<Record<string, unknown>>): string | undefined {
  const { sort, q } = given
  if (typeof sort === 'string') return sort === 'id' ? undefined : sort
  if (q !== undefined) return undefined
  return batteryRanges.find(
    (column) => given[`min_${column}`] !== undefined || given[`max_${column}`] !== undefined,
  )
}

/** Filters of batteries that have an option of `voltdrop send` and `voltdrop export`. Any other is given by `--filter`. */
export const filterOptions = {
  chemistry: 'chemistry',
  format: 'format-factor',
  manufacturer: 'manufacturer',
  min_nominal_capacity_mah: 'min-capacity',
  max_nominal_capacity_mah: 'max-capacity',
} as const satisfies Partial<Record<BatteryFilterName, string>>
