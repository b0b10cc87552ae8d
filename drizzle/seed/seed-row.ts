/** The rows of the seed, by the columns of the tables. A field that is left out is NULL (not known). */
import type { BookkeepingColumn } from '../../protocol/catalogue/columns.ts'
import type { lithiumIonBatteries, products } from '../schema/schema.ts'

/** Filled by the database. */
type Kept = 'id' | BookkeepingColumn

/** A row of `products`. Natural key: manufacturer and sku. */
export type ProductSeed = Omit<typeof products.$inferInsert, Kept>

/** A row of `lithium_ion_batteries`. Natural key: manufacturer and model. The database derives `energy_mwh` and the other energies. */
export type BatterySeed = Omit<typeof lithiumIonBatteries.$inferInsert, Kept | 'product_id'> & {
  /** The sku of the product it is sold as. */
  readonly product_sku: string
  /** That product's manufacturer, if it is not the battery's. */
  readonly product_manufacturer?: string
}
