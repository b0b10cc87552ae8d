/** The whole seed: every product, and every lithium-ion battery that is sold as one. */
import { coinCells } from './data/coin-cells.ts'
import { batteryOf, productOf } from './cell-entry.ts'
import { lfpCells } from './data/lfp-cells.ts'
import { lgChemCells } from './data/lg-chem.ts'
import { ltoCells } from './data/lto-cells.ts'
import { otherProducts } from './data/other-products.ts'
import { packs } from './data/packs.ts'
import { panasonicCylindricalCells } from './data/panasonic-cylindrical.ts'
import { panasonicPrismaticCells } from './data/panasonic-prismatic.ts'
import { pouchCells } from './data/pouch-cells.ts'
import { powerCells } from './data/power-cells.ts'
import type { BatterySeed, ProductSeed } from './seed-row.ts'
import { samsungSdiCells } from './data/samsung-sdi.ts'

const entries = [
  ...lgChemCells,
  ...samsungSdiCells,
  ...panasonicCylindricalCells,
  ...panasonicPrismaticCells,
  ...powerCells,
  ...lfpCells,
  ...ltoCells,
  ...pouchCells,
  ...coinCells,
  ...packs,
]

export const seedProducts: readonly ProductSeed[] = [...entries.map(productOf), ...otherProducts]

export const seedBatteries: readonly BatterySeed[] = entries.map(batteryOf)
