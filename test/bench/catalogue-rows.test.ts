/** The generated catalogue: valid by every rule of the schema, the same on every machine, and shaped like a real one. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { generatedRows } from '../../bench/catalogue/rows.ts'
import { batteryKinds } from '../../bench/catalogue/kinds-of-battery.ts'
import { openMigrated } from '../support/edge/catalogue-sqlite.ts'

const count = 1_000

async function generate() {
  const database = await openMigrated()
  for (const statement of generatedRows(count)) database.exec(statement)
  return database
}

function one(database: Awaited<ReturnType<typeof generate>>, sql: string) {
  return Object.values(database.prepare(sql).get() ?? {})
}

test('the rows are the same every time, and each statement is short enough for D1', async () => {
  const digests = await Promise.all(
    [1, 2].map(async () => {
      const database = await generate()
      const {
        created_at: _,
        updated_at: __,
        ...first
      } = database.prepare('SELECT * FROM lithium_ion_batteries WHERE id = 500').get() as Record<
        string,
        unknown
      >
      const rows = database
        .prepare('SELECT model, energy_mwh, mass_mg, cycle_life FROM lithium_ion_batteries')
        .all()
      return createHash('sha256')
        .update(JSON.stringify([first, rows]))
        .digest('hex')
    }),
  )
  assert.equal(digests[0], digests[1])
  for (const statement of generatedRows(count)) assert.ok(Buffer.byteLength(statement) < 100_000)
})

test('the distribution is that of a catalogue: few large makers, clustered capacities, values that are not known', async () => {
  const database = await generate()
  assert.deepEqual(one(database, 'SELECT count(*), count(DISTINCT model) FROM lithium_ion_batteries'), [
    count,
    count,
  ])
  assert.deepEqual(one(database, 'SELECT count(*) FROM products'), [count / 10])
  const [largest] = one(
    database,
    'SELECT max(n) FROM (SELECT count(*) AS n FROM lithium_ion_batteries GROUP BY manufacturer)',
  )
  assert.ok(Number(largest) > count / 20, `the largest maker has ${String(largest)}`)
  const [chemistries, formats] = one(
    database,
    'SELECT count(DISTINCT chemistry), count(DISTINCT format) FROM lithium_ion_batteries',
  )
  assert.deepEqual([chemistries, formats], [7, 4])
  const [cycles, least, most] = one(
    database,
    'SELECT count(cycle_life), min(specific_energy_mwh_per_kg), max(specific_energy_mwh_per_kg) FROM lithium_ion_batteries',
  )
  assert.ok(Number(cycles) > count * 0.5 && Number(cycles) < count * 0.8)
  assert.ok(Number(least) > 50_000 && Number(most) < 320_000, `${String(least)} to ${String(most)}`)
})

test('the shares of the kinds are percents of the whole', () => {
  assert.equal(
    batteryKinds.reduce((sum, { share }) => sum + share, 0),
    100,
  )
})
