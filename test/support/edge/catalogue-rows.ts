/** Rows for tests that need a catalogue they know by heart: no real cells, only regular ones. */
import type { BatterySeed, ProductSeed } from '../../../drizzle/seed/seed-row.ts'

const source = { source_url: 'https://example.com/sheet.pdf' } as const

/** `count` products P-001, P-002, ... of two makers; every third one is a charger. */
export function someProducts(count: number): ProductSeed[] {
  return Array.from({ length: count }, (_, i) => ({
    sku: `P-${String(i + 1).padStart(3, '0')}`,
    name: `Product ${i + 1}`,
    manufacturer: i % 2 === 0 ? 'Alpha Cells' : 'Beta Power',
    category: i % 3 === 2 ? 'charger' : 'lithium_ion_cell',
    status: i % 5 === 0 ? 'active' : 'unknown',
    ...source,
  }))
}

/**
 * A battery for each of these products: chemistry NMC, LFP, NMC, LFP, ...; format cylindrical, pouch, prismatic, ...;
 * capacity 1000, 1100, ... 1800 mAh and not known, repeated every ten rows.
 */
export function someBatteries(products: readonly ProductSeed[]): BatterySeed[] {
  return products.map(({ sku, manufacturer }, i) => ({
    product_sku: sku,
    manufacturer,
    model: `M-${sku}`,
    kind: 'cell',
    chemistry: i % 2 === 0 ? 'NMC' : 'LFP',
    format: (['cylindrical', 'pouch', 'prismatic'] as const)[i % 3] ?? null,
    nominal_capacity_mah: i % 10 === 9 ? null : 1000 + (i % 10) * 100,
    nominal_voltage_mv: 3600,
    mass_mg: 45_000,
    ...source,
  }))
}
