/** The seed's SQL: it can be run again, keeps rows that were changed, and stays within D1's limits. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DatabaseSync } from 'node:sqlite'
import { seedSql, upsertStatements } from '../../drizzle/seed/seed-sql.ts'
import { someBatteries, someProducts } from '../support/edge/catalogue-rows.ts'
import { openMigrated } from '../support/edge/catalogue-sqlite.ts'

const products = someProducts(30)
const batteries = someBatteries(products)

/** The first column of the first row. */
function value(database: DatabaseSync, sql: string) {
  return Object.values(database.prepare(sql).get() ?? {})[0]
}
function revision(database: DatabaseSync) {
  return value(database, 'SELECT revision FROM catalogue_revision')
}

async function seeded(): Promise<DatabaseSync> {
  const database = await openMigrated()
  for (const statement of upsertStatements({ products, batteries })) database.exec(statement)
  return database
}

test('every row arrives, linked to its product', async () => {
  const database = await seeded()
  assert.equal(value(database, 'SELECT count(*) FROM products'), 30)
  const linked =
    'SELECT count(*) FROM lithium_ion_batteries b JOIN products p ON p.id = b.product_id AND b.model = ? || p.sku'
  assert.equal(Object.values(database.prepare(linked).get('M-') ?? {})[0], 30)
  assert.equal(
    value(database, "SELECT nominal_capacity_mah FROM lithium_ion_batteries WHERE model = 'M-P-010'"),
    null,
  )
})

test('a second run changes nothing, so the revision stays', async () => {
  const database = await seeded()
  const before = revision(database)
  for (const statement of upsertStatements({ products, batteries })) database.exec(statement)
  assert.equal(revision(database), before)
})

test('a row that is corrected in the seed is updated and keeps its id', async () => {
  const database = await seeded()
  const corrected = batteries.map((battery) => ({ ...battery, cycle_life: 500 }))
  for (const statement of upsertStatements({ products, batteries: corrected })) database.exec(statement)
  assert.equal(value(database, 'SELECT count(*) FROM lithium_ion_batteries WHERE cycle_life = 500'), 30)
  assert.equal(value(database, 'SELECT max(id) FROM lithium_ion_batteries'), 30)
})

test('a row that was changed since is left as it is', async () => {
  const database = await seeded()
  database.exec("UPDATE products SET name = 'Ours', version = version + 1 WHERE sku = 'P-003'")
  for (const statement of upsertStatements({ products, batteries })) database.exec(statement)
  assert.equal(value(database, "SELECT name FROM products WHERE sku = 'P-003'"), 'Ours')
})

test('a battery whose product is missing stops the seed', async () => {
  const database = await openMigrated()
  const [statement] = upsertStatements({ products: [], batteries })
  assert.ok(statement)
  assert.throws(
    () => database.exec(statement),
    /NOT NULL constraint failed: lithium_ion_batteries.product_id/,
  )
})

test('quotes, line breaks and SQL in a value are stored as they are', async () => {
  const database = await openMigrated()
  const [product] = products
  assert.ok(product)
  const name = 'Bobby\'s "cell"; DROP TABLE products; --'
  const hostile = { ...product, name, source_title: 'line one\u2028line two' }
  const statements = upsertStatements({ products: [hostile], batteries: [] })
  assert.equal(statements.length, 1)
  assert.doesNotMatch(statements[0] ?? '', /\n/)
  database.exec(statements[0] ?? '')
  assert.equal(value(database, 'SELECT name FROM products'), name)
})

test("the real seed has one complete statement a line, each within D1's limit of 100 KB", async () => {
  const lines = seedSql().trimEnd().split('\n')
  const database = await openMigrated()
  for (const line of lines) {
    assert.match(line, /^INSERT INTO .*;$/)
    assert.ok(Buffer.byteLength(line) < 100_000, `${line.length} characters`)
    database.exec(line)
  }
  assert.ok(Number(value(database, 'SELECT count(*) FROM lithium_ion_batteries')) > 0)
})
