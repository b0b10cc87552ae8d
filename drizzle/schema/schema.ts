/**
 * The catalogue: products (what is sold) and lithium-ion batteries (the cell or pack model behind a product), a file each.
 * Measured values are integers in base units, named in the column; NULL is "not known". Every CHECK stands in the first migration,
 * because SQLite can add one later only by rebuilding the table. This file is what drizzle-kit reads.
 */
export { batteryIndexes, lithiumIonBatteries } from './battery-table.ts'
export { catalogueChanges, catalogueRevision } from './change-tables.ts'
export { productIndexes, products } from './product-table.ts'
