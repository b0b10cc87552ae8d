/** Finds values that are possible each for itself but not together, as when a unit or a column was confused. Pure. */

import type { CatalogueRow } from '../../../protocol/catalogue/column-facts.ts'
import type { BatteryColumn } from '../../../protocol/catalogue/columns.ts'

export type Doubt = { readonly field: BatteryColumn; readonly text: string }

/** Lithium-ion cells on the market have 20 to 500 Wh/kg; the rest is margin. */
const WH_PER_KG = [5, 600] as const
/** Real cells have 0.7 (large pouches) to 4 g/cm³ (small steel cases). */
const G_PER_CM3 = [0.6, 6] as const
const MAX_CELL_MV = 5_000
/** A case of size R18650 has a diameter of 18 mm and a height of 65 mm; sleeves, tabs and button tops add to that. */
const MORE_WIDE_UM = 1_200
const MORE_HIGH_UM = 6_000
const LESS_UM = 1_000

function between(value: number, [least, greatest]: readonly [number, number]): boolean {
  return value >= least && value <= greatest
}

/** The volume in cm³ of the enclosing cylinder or box; undefined when a dimension is not known. */
function volume({
  diameter_um: d,
  height_um: h,
  width_um: w,
  thickness_um: t,
}: CatalogueRow): number | undefined {
  if (typeof h !== 'number') return undefined
  if (typeof d === 'number') return (Math.PI / 4) * d * d * h * 1e-12
  return typeof w === 'number' && typeof t === 'number' ? w * h * t * 1e-12 : undefined
}

/** Values that no single cell can have. Packs are not judged. */
export function doubts(row: CatalogueRow): Doubt[] {
  if (row['kind'] !== 'cell') return []
  const found: Doubt[] = []
  const { nominal_voltage_mv: voltage, nominal_capacity_mah: capacity, mass_mg: mass } = row
  if (typeof voltage === 'number' && voltage > MAX_CELL_MV)
    found.push({ field: 'nominal_voltage_mv', text: `${voltage / 1000} V is a pack, not a cell` })
  if (typeof mass === 'number') {
    if (typeof voltage === 'number' && typeof capacity === 'number') {
      const whPerKg = (voltage * capacity) / mass
      if (!between(whPerKg, WH_PER_KG))
        found.push({
          field: 'mass_mg',
          text: `with this mass the cell has ${rounded(whPerKg)} Wh/kg, which none has`,
        })
    }
    const space = volume(row)
    const density = space === undefined ? undefined : mass / 1000 / space
    if (density !== undefined && !between(density, G_PER_CM3))
      found.push({
        field: 'mass_mg',
        text: `mass and dimensions make ${rounded(density)} g/cm³, which no cell has`,
      })
  }
  return [...found, ...sizeDoubts(row)]
}

function sizeDoubts({ size_code: size, diameter_um: diameter, height_um: height }: CatalogueRow): Doubt[] {
  const digits = typeof size === 'string' ? /^R(\d{2})(\d{3})$/i.exec(size) : null
  if (digits === null) return []
  const found: Doubt[] = []
  function off(field: BatteryColumn, value: unknown, nominal: number, more: number): void {
    if (typeof value !== 'number' || (value >= nominal - LESS_UM && value <= nominal + more)) return
    found.push({ field, text: `${value / 1000} mm does not fit the size ${String(size)}` })
  }
  off('diameter_um', diameter, Number(digits[1]) * 1000, MORE_WIDE_UM)
  off('height_um', height, Number(digits[2]) * 100, MORE_HIGH_UM)
  return found
}

function rounded(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(2)
}

/** Four-digit short forms of sizes, such as 1865 for 18650. */
const shortSize = /(?<!\d)(1450|1850|1865|2070|2170|2650|2665|3265|3270)(?!\d)/

/** Not wrong, but probably a typing error. */
export function remarks({ model }: CatalogueRow): Doubt[] {
  const short = typeof model === 'string' ? shortSize.exec(model)?.[1] : undefined
  return short === undefined
    ? []
    : [{ field: 'model', text: `writes ${short} where sizes have five digits (${short}0)` }]
}
