/**
 * The kinds of battery in the generated catalogue: invented, with the proportions and ranges of real ones. `share` is in percent of the
 * rows; all of them add up to 100.
 */

export type BatteryKind = {
  readonly share: number
  readonly kind: 'cell' | 'pack'
  readonly chemistry: string | null
  readonly format: 'cylindrical' | 'prismatic' | 'pouch' | 'coin'
  /** The beginning of a model's name, and the IEC size of a round cell. */
  readonly prefix: string
  readonly size_code: string | null
  /** Typical capacity in mAh, and by how many percent the kind varies around it. */
  readonly mah: number
  readonly spread: number
  readonly nominal_mv: number
  readonly charging_mv: number
  readonly cutoff_mv: number
  /** Typical mWh/kg and mWh/L. */
  readonly mwh_per_kg: number
  readonly mwh_per_l: number
  /** Continuous discharge in tenths of C. */
  readonly deci_c: number
  readonly cycles: number
  /** Of a round cell; the thickness of the others follows from their energy. */
  readonly diameter_um: number | null
  readonly width_um: number | null
  readonly height_um: number
}

type Voltages = Pick<BatteryKind, 'nominal_mv' | 'charging_mv' | 'cutoff_mv'>
const nickel: Voltages = { nominal_mv: 3600, charging_mv: 4200, cutoff_mv: 2500 }
const cobalt: Voltages = { nominal_mv: 3700, charging_mv: 4200, cutoff_mv: 3000 }
const iron: Voltages = { nominal_mv: 3200, charging_mv: 3650, cutoff_mv: 2000 }
const titanate: Voltages = { nominal_mv: 2300, charging_mv: 2800, cutoff_mv: 1500 }

function inSeries(cells: number, of: Voltages): Voltages {
  return {
    nominal_mv: of.nominal_mv * cells,
    charging_mv: of.charging_mv * cells,
    cutoff_mv: of.cutoff_mv * cells,
  }
}

type Shape = Pick<BatteryKind, 'format' | 'size_code' | 'diameter_um' | 'width_um' | 'height_um'>
function round(size: string, diameter_um: number, height_um: number): Shape {
  return {
    format: size.length === 4 ? 'coin' : 'cylindrical',
    size_code: `R${size}`,
    diameter_um,
    width_um: null,
    height_um,
  }
}
function flat(format: 'prismatic' | 'pouch', width_um: number, height_um: number): Shape {
  return {
    format,
    size_code: null,
    diameter_um: null,
    width_um,
    height_um,
  }
}

const dense = { mwh_per_kg: 245_000, mwh_per_l: 660_000 } as const
const power = { mwh_per_kg: 200_000, mwh_per_l: 540_000 } as const
const safe = { mwh_per_kg: 150_000, mwh_per_l: 330_000 } as const
const lasting = { mwh_per_kg: 80_000, mwh_per_l: 170_000 } as const
const packed = { mwh_per_kg: 160_000, mwh_per_l: 270_000 } as const

const cell = { kind: 'cell' } as const
const pack = { kind: 'pack' } as const

/* oxfmt-ignore */
export const batteryKinds: readonly BatteryKind[] = [
  { ...cell, share: 17, chemistry: 'NMC', prefix: 'INR18650-', ...round('18650', 18_500, 65_100), ...nickel, mah: 2900, spread: 20, ...dense, deci_c: 20, cycles: 500 },
  { ...cell, share: 7, chemistry: 'NMC', prefix: 'IMR18650-', ...round('18650', 18_450, 65_000), ...nickel, mah: 2500, spread: 15, ...power, deci_c: 80, cycles: 400 },
  { ...cell, share: 8, chemistry: 'NCA', prefix: 'NCR18650-', ...round('18650', 18_500, 65_200), ...nickel, mah: 3200, spread: 10, ...dense, deci_c: 15, cycles: 500 },
  { ...cell, share: 11, chemistry: 'NMC', prefix: 'INR21700-', ...round('21700', 21_100, 70_200), ...nickel, mah: 4600, spread: 12, ...dense, deci_c: 30, cycles: 800 },
  { ...cell, share: 3, chemistry: 'NCA', prefix: 'NCR21700-', ...round('21700', 21_150, 70_300), ...nickel, mah: 4900, spread: 6, ...dense, deci_c: 25, cycles: 700 },
  { ...cell, share: 2, chemistry: 'NMC', prefix: 'INR46800-', ...round('46800', 46_000, 80_000), ...nickel, mah: 24_000, spread: 10, ...dense, deci_c: 30, cycles: 1500 },
  { ...cell, share: 6, chemistry: 'LFP', prefix: 'IFR26650-', ...round('26650', 26_100, 65_300), ...iron, mah: 3300, spread: 15, ...safe, deci_c: 50, cycles: 2500 },
  { ...cell, share: 4, chemistry: 'LFP', prefix: 'IFR32700-', ...round('32700', 32_200, 70_500), ...iron, mah: 6000, spread: 10, ...safe, deci_c: 30, cycles: 2500 },
  { ...cell, share: 2, chemistry: 'LMO', prefix: 'IMR14500-', ...round('14500', 14_200, 50_000), ...cobalt, mah: 750, spread: 20, ...power, deci_c: 40, cycles: 300 },
  { ...cell, share: 3, chemistry: 'LCO', prefix: 'LIR2032-', ...round('2032', 20_000, 3200), ...cobalt, mah: 45, spread: 20, ...lasting, deci_c: 10, cycles: 300 },
  { ...cell, share: 12, chemistry: 'LCO', prefix: 'LP', ...flat('pouch', 34_000, 50_000), ...cobalt, mah: 1500, spread: 70, ...power, deci_c: 10, cycles: 500 },
  { ...cell, share: 5, chemistry: 'NMC', prefix: 'PC', ...flat('pouch', 100_000, 220_000), ...nickel, mah: 40_000, spread: 50, ...dense, deci_c: 30, cycles: 1500 },
  { ...cell, share: 8, chemistry: 'LFP', prefix: 'PF', ...flat('prismatic', 174_000, 170_000), ...iron, mah: 150_000, spread: 60, ...safe, deci_c: 10, cycles: 4000 },
  { ...cell, share: 2, chemistry: 'LMFP', prefix: 'PM', ...flat('prismatic', 148_000, 130_000), ...iron, mah: 100_000, spread: 40, ...safe, deci_c: 20, cycles: 3000 },
  { ...cell, share: 1, chemistry: 'LTO', prefix: 'LTO', ...flat('prismatic', 115_000, 105_000), ...titanate, mah: 23_000, spread: 30, ...lasting, deci_c: 80, cycles: 15_000 },
  { ...cell, share: 2, chemistry: null, prefix: 'UF', ...flat('prismatic', 34_000, 50_000), ...cobalt, mah: 1800, spread: 40, ...power, deci_c: 10, cycles: 500 },
  { ...pack, share: 3, chemistry: 'NMC', prefix: 'PK10S', ...flat('prismatic', 90_000, 280_000), ...inSeries(10, nickel), mah: 14_000, spread: 40, ...packed, deci_c: 15, cycles: 800 },
  { ...pack, share: 3, chemistry: 'LFP', prefix: 'PK16S', ...flat('prismatic', 440_000, 400_000), ...inSeries(16, iron), mah: 100_000, spread: 50, ...packed, deci_c: 10, cycles: 4000 },
  { ...pack, share: 1, chemistry: 'NMC', prefix: 'PK96S', ...flat('prismatic', 1_400_000, 1_000_000), ...inSeries(96, nickel), mah: 180_000, spread: 30, ...packed, deci_c: 30, cycles: 1500 },
]
