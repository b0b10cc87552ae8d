/** The seed as a whole: every product of the catalogue, and every lithium-ion battery behind one. */
import { coinCells } from './coin-cells.ts'
import { batteryOf, productOf } from './entry.ts'
import { lfpCells } from './lfp-cells.ts'
import { lgChemCells } from './lg-chem.ts'
import { ltoCells } from './lto-cells.ts'
import { otherProducts } from './other-products.ts'
import { packs } from './packs.ts'
import { panasonicCylindricalCells } from './panasonic-cylindrical.ts'
import { panasonicPrismaticCells } from './panasonic-prismatic.ts'
import { pouchCells } from './pouch-cells.ts'
import { powerCells } from './power-cells.ts'
import type { BatterySeed, ProductSeed } from './rows.ts'
import { samsungSdiCells } from './samsung-sdi.ts'

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

export const products: readonly ProductSeed[] = [...entries.map(productOf), ...otherProducts]

export const batteries: readonly BatterySeed[] = entries.map(batteryOf)
