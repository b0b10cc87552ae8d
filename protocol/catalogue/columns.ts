/** The columns by which the catalogue is bounded and ordered, and the limits of each number. No zod: the command line reads these too. */

/**
 * What a real cell or pack can have, for each number that is written; the limits refuse a slipped unit. The tables have the same
 * ones as CHECKs (drizzle/schema/battery-rules.ts).
 */
export const batteryLimits = {
  nominal_capacity_mah: [1, 2_000_000],
  minimum_capacity_mah: [1, 2_000_000],
  nominal_voltage_mv: [1_000, 1_500_000],
  charging_voltage_mv: [1_000, 1_500_000],
  discharging_cutoff_voltage_mv: [500, 1_500_000],
  standard_charging_current_ma: [1, 5_000_000],
  maximum_continuous_charging_current_ma: [1, 5_000_000],
  maximum_continuous_discharging_current_ma: [1, 20_000_000],
  maximum_pulse_discharging_current_ma: [1, 20_000_000],
  pulse_duration_ms: [1, 3_600_000],
  ac_internal_resistance_uohm: [1, 10_000_000],
  dc_internal_resistance_uohm: [1, 10_000_000],
  cycle_life: [1, 1_000_000],
  mass_mg: [100, 5_000_000_000],
  diameter_um: [1_000, 200_000],
  height_um: [500, 3_000_000],
  width_um: [1_000, 3_000_000],
  thickness_um: [100, 3_000_000],
  minimum_charging_temperature_mdegc: [-80_000, 150_000],
  maximum_charging_temperature_mdegc: [-80_000, 150_000],
  minimum_discharging_temperature_mdegc: [-80_000, 150_000],
  maximum_discharging_temperature_mdegc: [-80_000, 150_000],
  minimum_storage_temperature_mdegc: [-80_000, 150_000],
  maximum_storage_temperature_mdegc: [-80_000, 150_000],
} as const satisfies Record<string, readonly [number, number]>

/** Pairs that must be in order when both are known; `<` where equal values would be nonsense. */
export const batteryOrder = [
  ['minimum_capacity_mah', '<=', 'nominal_capacity_mah'],
  ['discharging_cutoff_voltage_mv', '<', 'nominal_voltage_mv'],
  ['nominal_voltage_mv', '<', 'charging_voltage_mv'],
  ['discharging_cutoff_voltage_mv', '<', 'charging_voltage_mv'],
  ['maximum_continuous_discharging_current_ma', '<=', 'maximum_pulse_discharging_current_ma'],
  ['minimum_charging_temperature_mdegc', '<', 'maximum_charging_temperature_mdegc'],
  ['minimum_discharging_temperature_mdegc', '<', 'maximum_discharging_temperature_mdegc'],
  ['minimum_storage_temperature_mdegc', '<', 'maximum_storage_temperature_mdegc'],
] as const

/** Derived by the database, with the most that the limits above allow. */
export const derivedLimits = {
  energy_mwh: [0, 3_000_000_000],
  specific_energy_mwh_per_kg: [0, 1_000_000_000],
  energy_density_mwh_per_l: [0, 1_000_000_000],
} as const

/** Each of these takes `min_<column>` and `max_<column>`, and orders a list. */
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
] as const
export type BatteryRange = (typeof batteryRanges)[number]

/** `<use>_at_mdegc=t` keeps the batteries whose window for that use holds the temperature t. */
export const temperatureUses = ['charging', 'discharging', 'storage'] as const
export type TemperatureUse = (typeof temperatureUses)[number]

/** What `sort` takes. Rows whose value is not known come last in either order; equal values are ordered by id. */
export const batterySorts = [
  'id',
  'manufacturer',
  'model',
  'kind',
  'chemistry',
  'format',
  'size_code',
  ...batteryRanges,
] as const
export const productSorts = ['id', 'name', 'manufacturer', 'sku', 'category', 'status'] as const
export const orders = ['asc', 'desc'] as const

/** The columns of a product or a battery by which it is known; the case of A-Z does not matter. */
export const naturalKeys = {
  products: ['manufacturer', 'sku'],
  batteries: ['manufacturer', 'model'],
} as const
