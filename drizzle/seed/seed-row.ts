/** The shape of the seed: one vocabulary with the tables and the API, integers in base units; a field that is left out is NULL (not known). */
import type { lithiumIonBatteries, products } from '../schema/schema.ts'

/** Filled by the database, never by a seed. */
type Kept = 'id' | 'version' | 'created_at' | 'updated_at'

/** A row of `products`. Natural key: manufacturer and sku. */
export type ProductSeed = Omit<typeof products.$inferInsert, Kept>

/** A row of `lithium_ion_batteries`. Natural key: manufacturer and model. `energy_mwh` and the like are derived by the database. */
export type BatterySeed = Omit<typeof lithiumIonBatteries.$inferInsert, Kept | 'product_id'> & {
  /** The sku of the product it is sold as. */
  readonly product_sku: string
  /** That product's manufacturer, when it is not the battery's own. */
  readonly product_manufacturer?: string
}
