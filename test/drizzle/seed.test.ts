/** The seed: real products, each with its source, and no value that a real cell cannot have. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { doubts } from '../../agent/catalogue/import/plausible.ts'
import { seedBatteries as batteries, seedProducts as products } from '../../drizzle/seed/seed-catalogue.ts'
import { seedSql } from '../../drizzle/seed/seed-sql.ts'
import { checkImportRow } from '../../protocol/catalogue/import-rows.ts'

type Battery = (typeof batteries)[number]

function known(value: number | null | undefined): value is number {
  return typeof value === 'number'
}
function nameOf(battery: Battery) {
  return `${battery.manufacturer} ${battery.model}`
}

function count<T>(values: readonly T[], of: T): number {
  return values.filter((value) => value === of).length
}

/** A database in memory with every migration applied and the whole seed in it. */
function seeded(): DatabaseSync {
  const database = new DatabaseSync(':memory:')
  const folder = new URL('../../drizzle/migrations/', import.meta.url)
  const files = readdirSync(folder).filter((file) => file.endsWith('.sql'))
  for (const file of files.toSorted()) database.exec(readFileSync(new URL(file, folder), 'utf8'))
  database.exec(seedSql())
  return database
}

test('the seed has at least 66 products, 48 of them lithium-ion batteries and 18 others', () => {
  assert.ok(products.length >= 66)
  assert.ok(batteries.length >= 48)
  assert.ok(products.length - batteries.length >= 18)
})

test('the seed has several rows of each chemistry and each format', () => {
  const chemistries = batteries.map((battery) => battery.chemistry)
  for (const chemistry of ['NMC', 'NCA', 'LFP', 'LCO', 'LTO'] as const) {
    assert.ok(count(chemistries, chemistry) >= 5, chemistry)
  }
  const formats = batteries.map((battery) => battery.format)
  for (const format of ['cylindrical', 'prismatic', 'pouch', 'coin'] as const) {
    assert.ok(count(formats, format) >= 5, format)
  }
  assert.ok(batteries.some((battery) => battery.kind === 'pack'))
})

test('no product and no battery is listed twice, in any case', () => {
  const skus = products.map((product) => `${product.manufacturer}|${product.sku}`.toLowerCase())
  assert.equal(new Set(skus).size, skus.length)
  const models = batteries.map((battery) => `${battery.manufacturer}|${battery.model}`.toLowerCase())
  assert.equal(new Set(models).size, models.length)
})

test('each row names a public https source and how far it was checked', () => {
  for (const row of [...products, ...batteries]) {
    const source = new URL(row.source_url)
    assert.equal(source.protocol, 'https:', row.source_url)
    assert.match(source.hostname, /^[a-z0-9-]+(\.[a-z0-9-]+)+$/)
    assert.equal(source.username + source.password + source.port, '')
    assert.ok(row.source_title, row.source_url)
    assert.match(row.verification ?? '', /^(datasheet|secondary)$/, row.source_url)
  }
})

test('the lithium-ion products are exactly those with a battery', () => {
  const sold = products.filter((product) => product.category.startsWith('lithium_ion'))
  const keys = batteries.map((battery) => `${battery.manufacturer}|${battery.product_sku}|${battery.kind}`)
  assert.deepEqual(
    sold.map((p) => `${p.manufacturer}|${p.sku}|${p.category.replace('lithium_ion_', '')}`).toSorted(),
    keys.toSorted(),
  )
})

test('the database takes every row, and derives the energies that manufacturers publish', () => {
  const database = seeded()
  const rows = database.prepare('SELECT count(*) AS n FROM lithium_ion_batteries').get()
  assert.equal(rows?.['n'], batteries.length)
  const energy = database.prepare('SELECT energy_mwh FROM lithium_ion_batteries WHERE model = ?')
  // Published energy in mWh and the rounding it was published with.
  for (const [model, published, rounding] of [
    ['LFP-Smart 12,8/100', 1_280_000, 0],
    ['LFP NG 12,8 V/300 Ah', 3_840_000, 0],
    ['CSP6400-51.2-A', 6_400_000, 0],
    ['25 Ah', 91_675, 0],
    ['HTPFR26650', 9_600, 50],
    ['INR18650-P28A', 10_100, 50],
    ['INR21700-P42A', 15_100, 50],
    ['NCR18650B', 11_700, 50],
    ['INR21700-40TG', 14_400, 50],
  ] as const) {
    const derived = Number(energy.get(model)?.['energy_mwh'])
    assert.ok(Math.abs(derived - published) <= rounding, `${model}: ${derived}`)
  }
  database.close()
})

test('voltages rise from cut-off to nominal to charging, and a cell has the voltage of its chemistry', () => {
  const nominal = { LFP: [3_200, 3_300], LTO: [1_500, 2_400] } as Record<string, readonly [number, number]>
  for (const battery of batteries) {
    const steps = [
      battery.discharging_cutoff_voltage_mv,
      battery.nominal_voltage_mv,
      battery.charging_voltage_mv,
    ].filter(known)
    assert.deepEqual(
      steps,
      [...new Set(steps)].toSorted((a, b) => a - b),
      nameOf(battery),
    )
    if (battery.kind !== 'cell' || !known(battery.nominal_voltage_mv)) continue
    const [least, most] = nominal[battery.chemistry ?? ''] ?? [3_600, 3_850]
    const fits = battery.nominal_voltage_mv >= least && battery.nominal_voltage_mv <= most
    assert.ok(fits, `${nameOf(battery)}: ${battery.nominal_voltage_mv} mV`)
  }
})

test('an import would take each row, without a doubt', () => {
  for (const battery of batteries) {
    const { row, faults } = checkImportRow('batteries', battery, 'whole')
    assert.deepEqual(faults, [], nameOf(battery))
    assert.deepEqual(doubts(row), [], nameOf(battery))
  }
  for (const product of products) {
    assert.deepEqual(checkImportRow('products', product, 'whole').faults, [], product.sku)
  }
})

test('a size code agrees with the diameter and the height', () => {
  for (const battery of batteries) {
    if (!battery.size_code) continue
    const [, diameter, height] = /^R(\d\d)(\d\d\d)$/.exec(battery.size_code) ?? []
    assert.ok(diameter && height, nameOf(battery))
    assert.equal(battery.format, 'cylindrical', nameOf(battery))
    const wider = (battery.diameter_um ?? Number(diameter) * 1_000) - Number(diameter) * 1_000
    const taller = (battery.height_um ?? Number(height) * 100) - Number(height) * 100
    assert.ok(wider >= 0 && wider < 1_000, `${nameOf(battery)}: ${battery.diameter_um} um wide`)
    assert.ok(Math.abs(taller) < 1_000, `${nameOf(battery)}: ${battery.height_um} um high`)
  }
})

test('a size in a model name is the size code', () => {
  for (const battery of batteries) {
    const inName = /(?:^|[A-Z-])(14500|18500|18650|21700|26650)/.exec(battery.model)?.[1]
    if (inName) assert.equal(battery.size_code, `R${inName}`, nameOf(battery))
  }
})

test('specific energy, energy density and currents are within those of real cells', () => {
  const database = seeded()
  const rows = database.prepare('SELECT * FROM lithium_ion_batteries').all()
  let weighed = 0
  for (const row of rows) {
    const title = `${String(row['manufacturer'])} ${String(row['model'])}`
    const byMass = row['specific_energy_mwh_per_kg']
    if (byMass !== null) weighed += 1
    function within(value: unknown, least: number, most: number) {
      return value === null || (Number(value) >= least && Number(value) <= most)
    }
    assert.ok(within(byMass, 30_000, 320_000), `${title}: ${Number(byMass)} mWh/kg`)
    const byVolume = row['energy_density_mwh_per_l']
    assert.ok(within(byVolume, 30_000, 800_000), `${title}: ${Number(byVolume)} mWh/L`)
    const capacity = Number(row['nominal_capacity_mah'])
    if (capacity === 0) continue
    for (const column of [
      'standard_charging',
      'maximum_continuous_charging',
      'maximum_continuous_discharging',
    ]) {
      const current = row[`${column}_current_ma`]
      const rate = current === null || current === undefined ? null : Number(current) / capacity
      assert.ok(within(rate, 0.1, 30), `${title}: ${column} at ${rate}C`)
    }
  }
  assert.ok(weighed >= 48, `only ${weighed} rows have a mass and an energy`)
  database.close()
})
