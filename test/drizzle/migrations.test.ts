/** The migrations obey the rules that D1 requires, and agree with drizzle/schema/schema.ts and protocol/catalogue/columns.ts. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import {
  generateSQLiteDrizzleJson,
  generateSQLiteMigration,
  type DrizzleSQLiteSnapshotJSON,
} from 'drizzle-kit/api'
import { DatabaseSync } from 'node:sqlite'
import { getTableColumns } from 'drizzle-orm'
import * as schema from '../../drizzle/schema/schema.ts'
import { upsertStatements } from '../../drizzle/seed/seed-sql.ts'
import {
  batteryColumns,
  bookkeepingColumns,
  columnsOf,
  writableFields,
} from '../../protocol/catalogue/columns.ts'
import { orderedPairs } from '../../protocol/catalogue/contradictions.ts'
import { resources } from '../../protocol/catalogue/vocabulary.ts'
import { someBatteries, someProducts } from '../support/edge/catalogue-rows.ts'
import { migrationsFolder, openMigrated, readMigrations } from '../support/edge/catalogue-sqlite.ts'

/**
 * D1 runs a migration inside a transaction, where `PRAGMA foreign_keys=OFF` has no effect: the table rebuild that drizzle-kit emits for
 * a changed column drops the parent and, silently, the children with it. A rebuild must carry `-- reviewed: rebuild` and defer the keys.
 */
function dangers(sql: string): string[] {
  const found = [/__new_/, /\bDROP\s+TABLE\b/i, /\bforeign_keys\s*=/i].filter((pattern) => pattern.test(sql))
  const reviewed = sql.includes('-- reviewed: rebuild') && /PRAGMA defer_foreign_keys\s*=\s*ON/i.test(sql)
  const cascade = /ON DELETE (CASCADE|SET)/i.test(sql) ? ['cascade'] : []
  return [...(reviewed ? [] : found.map(String)), ...cascade]
}

test('no migration rebuilds or drops a table without review, and none cascades', async () => {
  for (const { name, sql } of await readMigrations()) assert.deepEqual(dangers(sql), [], name)
})

test('the check for rebuilds finds what drizzle-kit would write', () => {
  const rebuild =
    'PRAGMA foreign_keys=OFF;\nCREATE TABLE `__new_products` (id integer);\nDROP TABLE `products`;'
  assert.equal(dangers(rebuild).length, 3)
  assert.equal(dangers('FOREIGN KEY (product_id) REFERENCES products(id) ON DELETE cascade').length, 1)
  assert.equal(dangers(`-- reviewed: rebuild\nPRAGMA defer_foreign_keys=ON;\n${rebuild}`).length, 0)
})

test('the journal names exactly the existing migrations', async () => {
  const journal = JSON.parse(await readFile(path.join(migrationsFolder, 'meta/_journal.json'), 'utf8')) as {
    entries: { tag: string }[]
  }
  const names = (await readMigrations()).map(({ name }) => name)
  assert.deepEqual(
    journal.entries.map(({ tag }) => `${tag}.sql`),
    names,
  )
})

test('no change of the schema is without a migration', async () => {
  const last = (await readMigrations()).length - 1
  const file = path.join(migrationsFolder, `meta/${String(last).padStart(4, '0')}_snapshot.json`)
  const snapshot = JSON.parse(await readFile(file, 'utf8')) as DrizzleSQLiteSnapshotJSON
  const current = await generateSQLiteDrizzleJson({ ...schema }, snapshot.id)
  assert.deepEqual(await generateSQLiteMigration(snapshot, current), [])
})

test('rows written before a migration survive it, and a search finds them', async () => {
  const database = new DatabaseSync(':memory:')
  const [first, second, ...later] = await readMigrations()
  for (const migration of [first, second]) database.exec(migration?.sql ?? '')
  const products = someProducts(40)
  for (const statement of upsertStatements({ products, batteries: someBatteries(products) }))
    database.exec(statement)
  for (const { sql } of later) database.exec(sql)
  function count(from: string) {
    return database.prepare(`SELECT count(*) AS n FROM ${from}`).get()?.['n']
  }
  assert.deepEqual([count('products'), count('lithium_ion_batteries')], [40, 40])
  assert.equal(count('battery_search WHERE battery_search MATCH \'"alpha"*\''), 20)
  assert.equal(count('product_search WHERE product_search MATCH \'"charger"\''), 13)
  assert.equal(count('products WHERE sequence = id'), 40)
})

test('every column except bookkeeping can be written', () => {
  for (const [table, fields] of [
    [schema.products, writableFields.products],
    [schema.lithiumIonBatteries, writableFields.batteries],
  ] as const) {
    const written = Object.entries(getTableColumns(table))
      .filter(([name, column]) => column.generated === undefined && name !== 'id')
      .map(([name]) => name)
      .filter((name) => !(bookkeepingColumns as readonly string[]).includes(name))
    assert.deepEqual([...fields].toSorted(), written.toSorted())
  }
})

/** A migrated database with one product and one battery that have only the required columns. */
async function openWithOneRow(): Promise<DatabaseSync> {
  const database = await openMigrated()
  database.exec(`
    INSERT INTO products (sku, name, manufacturer, category, source_url) VALUES ('P', 'P', 'M', 'other', 'https://example.com');
    INSERT INTO lithium_ion_batteries (product_id, manufacturer, model, kind, source_url) VALUES (1, 'M', 'B', 'cell', 'https://example.com')`)
  return database
}

const tables = { products: 'products', batteries: 'lithium_ion_batteries' } as const

test('the tables take the ends of each range, and no value beyond them', async () => {
  const database = await openWithOneRow()
  for (const [column, facts] of Object.entries(columnsOf.batteries)) {
    if (facts.type !== 'measure' && facts.type !== 'count') continue
    const [least, greatest] = facts.range
    const update = database.prepare(`UPDATE lithium_ion_batteries SET ${column} = ?`)
    for (const value of [least - 1, greatest + 1, least + 0.5])
      assert.throws(() => update.run(value), /CHECK constraint failed/, `${column} = ${value}`)
    for (const value of [least, greatest, null]) update.run(value)
  }
})

test('the tables take each value of a closed set, and no other', async () => {
  const database = await openWithOneRow()
  for (const resource of resources) {
    for (const [column, facts] of Object.entries(columnsOf[resource])) {
      if (facts.type !== 'choice') continue
      const update = database.prepare(`UPDATE ${tables[resource]} SET ${column} = ?`)
      for (const value of facts.values) update.run(value)
      assert.throws(() => update.run('none of them'), /CHECK constraint failed/, column)
    }
  }
})

test('the tables refuse each pair of values in the wrong order', async () => {
  const database = await openWithOneRow()
  for (const [low, relation, high] of orderedPairs) {
    const [, greatest] = batteryColumns[low].range
    const value = Math.min(greatest, batteryColumns[high].range[1])
    const update = database.prepare(`UPDATE lithium_ion_batteries SET ${low} = ?, ${high} = ?`)
    assert.throws(() => update.run(value, value - 1), /CHECK constraint failed/, `${low} ${high}`)
    if (relation === '<') assert.throws(() => update.run(value, value), /CHECK constraint failed/)
    else update.run(value, value)
    update.run(null, null)
  }
})
