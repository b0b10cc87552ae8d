/** What the tables themselves refuse and derive, however a row is written. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { openMigrated } from '../support/edge/catalogue-sqlite.ts'

type Row = Record<string, SQLInputValue>

function insert(database: DatabaseSync, table: string, row: Row): void {
  const columns = Object.keys(row)
  const marks = columns.map(() => '?').join(', ')
  database
    .prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks})`)
    .run(...Object.values(row))
}

const source_url = 'https://example.com/sheet.pdf'
const product = {
  sku: 'P-1',
  name: 'A cell',
  manufacturer: 'Alpha',
  category: 'lithium_ion_cell',
  source_url,
}
const battery = { product_id: 1, manufacturer: 'Alpha', model: 'M-1', kind: 'cell', source_url }

async function withProduct(): Promise<DatabaseSync> {
  const database = await openMigrated()
  insert(database, 'products', product)
  return database
}

function revisionOf(database: DatabaseSync) {
  return database.prepare('SELECT revision FROM catalogue_revision').get()?.['revision']
}

test('a battery of which only its name and source are known is accepted', async () => {
  const database = await withProduct()
  insert(database, 'lithium_ion_batteries', battery)
  assert.equal(database.prepare('SELECT count(*) AS n FROM lithium_ion_batteries').get()?.['n'], 1)
})

const refusedBatteries: [string, Row][] = [
  ['a capacity that is text', { nominal_capacity_mah: 'many' }],
  ['a capacity with a fraction', { nominal_capacity_mah: 3500.5 }],
  ['a capacity of zero', { nominal_capacity_mah: 0 }],
  ['a voltage given in volt', { nominal_voltage_mv: 4 }],
  ['a minimum capacity above the nominal one', { minimum_capacity_mah: 3000, nominal_capacity_mah: 2900 }],
  ['a nominal voltage above the charging limit', { nominal_voltage_mv: 4300, charging_voltage_mv: 4200 }],
  ['a cut-off above the nominal voltage', { discharging_cutoff_voltage_mv: 3700, nominal_voltage_mv: 3600 }],
  ['a cut-off above the charging limit', { discharging_cutoff_voltage_mv: 4200, charging_voltage_mv: 4200 }],
  [
    'a pulse current below the continuous current',
    { maximum_continuous_discharging_current_ma: 10_000, maximum_pulse_discharging_current_ma: 5_000 },
  ],
  [
    'a temperature range whose ends are swapped',
    { minimum_charging_temperature_mdegc: 45_000, maximum_charging_temperature_mdegc: 0 },
  ],
  ['a cylinder with a width', { format: 'cylindrical', width_um: 18_000 }],
  ['a pouch with a diameter', { format: 'pouch', diameter_um: 18_000 }],
  ['a pouch with the size code of a cylinder', { format: 'pouch', size_code: 'R18650' }],
  ['a chemistry that is not in the list', { chemistry: 'unobtainium' }],
  ['a format that is not in the list', { format: 'round' }],
  ['an empty model', { model: '' }],
  ['a model with a blank at its end', { model: 'M-1 ' }],
  ['a model with a line break', { model: 'M\n1' }],
  ['a source that is not https', { source_url: 'file:///etc/passwd' }],
  ['no source', { source_url: null }],
  ['a date that does not exist', { source_retrieved_on: '2026-02-30' }],
  ['a Wikidata item that is none', { wikidata_qid: 'Q12x' }],
  ['a product that is not there', { product_id: 2 }],
]

for (const [what, fields] of refusedBatteries) {
  test(`a battery is refused with ${what}`, async () => {
    const database = await withProduct()
    assert.throws(
      () => insert(database, 'lithium_ion_batteries', { ...battery, ...fields }),
      /constraint failed/,
    )
  })
}

const refusedProducts: [string, Row][] = [
  ['a category that is not in the list', { category: 'snacks' }],
  ['a status that is not in the list', { status: 'sold out' }],
  ['a GTIN with a letter', { gtin: '40123450000X4' }],
  ['a GTIN of nine digits', { gtin: '123456789' }],
  ['the same number and maker in other letters', { manufacturer: 'ALPHA', sku: 'p-1' }],
]

for (const [what, fields] of refusedProducts) {
  test(`a product is refused with ${what}`, async () => {
    const database = await withProduct()
    const other = { ...product, sku: 'P-2', ...fields }
    assert.throws(() => insert(database, 'products', other), /constraint failed/)
  })
}

test('a product that has batteries cannot be deleted, and they stay', async () => {
  const database = await withProduct()
  insert(database, 'lithium_ion_batteries', battery)
  assert.throws(() => database.exec('DELETE FROM products'), /FOREIGN KEY constraint failed/)
  assert.equal(database.prepare('SELECT count(*) AS n FROM lithium_ion_batteries').get()?.['n'], 1)
})

test('energy, specific energy and energy density are derived from what is measured', async () => {
  const database = await withProduct()
  const cylinder = { diameter_um: 18_400, height_um: 65_000, format: 'cylindrical' }
  insert(database, 'lithium_ion_batteries', {
    ...battery,
    ...cylinder,
    nominal_voltage_mv: 3_635,
    nominal_capacity_mah: 3_500,
    mass_mg: 49_000,
  })
  const derived = database
    .prepare(
      'SELECT energy_mwh, specific_energy_mwh_per_kg, energy_density_mwh_per_l FROM lithium_ion_batteries',
    )
    .get()
  // 12.7225 Wh; 259.7 Wh/kg; 736 Wh/L of a cylinder of 17.28 mL
  assert.deepEqual(
    { ...derived },
    {
      energy_mwh: 12_723,
      specific_energy_mwh_per_kg: 259_653,
      energy_density_mwh_per_l: 736_123,
    },
  )
})

test('a derived value is NULL when a value that it needs is not known', async () => {
  const database = await withProduct()
  insert(database, 'lithium_ion_batteries', { ...battery, nominal_capacity_mah: 3_500, mass_mg: 49_000 })
  const row = database
    .prepare('SELECT energy_mwh, specific_energy_mwh_per_kg AS s FROM lithium_ion_batteries')
    .get()
  assert.deepEqual({ ...row }, { energy_mwh: null, s: null })
})

test('every insert, update and delete in both tables raises the revision', async () => {
  const database = await openMigrated()
  assert.equal(revisionOf(database), 0)
  insert(database, 'products', product)
  insert(database, 'lithium_ion_batteries', battery)
  assert.equal(revisionOf(database), 2)
  database.exec("UPDATE products SET name = 'Another'; UPDATE lithium_ion_batteries SET cycle_life = 500")
  assert.equal(revisionOf(database), 4)
  database.exec('DELETE FROM lithium_ion_batteries; DELETE FROM products')
  assert.equal(revisionOf(database), 6)
})

test('an id is never reused', async () => {
  const database = await withProduct()
  database.exec('DELETE FROM products')
  insert(database, 'products', product)
  assert.equal(database.prepare('SELECT id FROM products').get()?.['id'], 2)
})
