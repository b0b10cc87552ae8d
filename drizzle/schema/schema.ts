/**
 * The catalogue's tables, for drizzle-kit: products (what is sold), lithium-ion batteries (the cell or pack models) and what the database
 * records of changes. Measured values are integers in base units, named in the column; NULL is "not known". All CHECKs are in the first
 * migration, because SQLite can add one later only by rebuilding the table.
 */
export { batteryIndexes, lithiumIonBatteries } from './battery-table.ts'
export { catalogueChanges, catalogueRevision } from './change-tables.ts'
export { productIndexes, products } from './product-table.ts'
