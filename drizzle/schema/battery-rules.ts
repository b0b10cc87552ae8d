/** What a real cell or pack can be: the range of each number, pairs in order, and the volume by which energy is related. */

/** Cubic micrometres of the enclosing cylinder or box. Floating point: a large pack overflows 64 bits. */
export const VOLUME =
  '(CASE WHEN diameter_um IS NOT NULL THEN 0.785398163397448 * diameter_um * diameter_um * height_um ' +
  'ELSE 1.0 * width_um * height_um * thickness_um END)'

/** Each integer column with the range that a real cell or pack can have; the limits refuse a slipped unit. */
export const ranges = {
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
  version: [1, 1e9],
} as const

/** Pairs that must be in order when both are known; `<` where equal values would be nonsense. */
export const ordered = [
  ['minimum_capacity_mah', '<=', 'nominal_capacity_mah'],
  ['discharging_cutoff_voltage_mv', '<', 'nominal_voltage_mv'],
  ['nominal_voltage_mv', '<', 'charging_voltage_mv'],
  ['discharging_cutoff_voltage_mv', '<', 'charging_voltage_mv'],
  ['maximum_continuous_discharging_current_ma', '<=', 'maximum_pulse_discharging_current_ma'],
  ['minimum_charging_temperature_mdegc', '<', 'maximum_charging_temperature_mdegc'],
  ['minimum_discharging_temperature_mdegc', '<', 'maximum_discharging_temperature_mdegc'],
  ['minimum_storage_temperature_mdegc', '<', 'maximum_storage_temperature_mdegc'],
] as const
