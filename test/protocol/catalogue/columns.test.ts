/** The column tables, and what is derived from them: orders, units, and the column that orders a list. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { z } from 'zod'
import { isNullable } from '../../../protocol/catalogue/column-facts.ts'
import {
  batteryColumns,
  batteryFields,
  columnsOf,
  productFields,
  writableFields,
} from '../../../protocol/catalogue/columns.ts'
import { batteryRanges, orderedBy } from '../../../protocol/catalogue/filters.ts'
import { foldKey, naturalKeyOf } from '../../../protocol/catalogue/natural-keys.ts'
import { Battery, Product } from '../../../protocol/catalogue/shapes.ts'
import { splitUnit } from '../../../protocol/catalogue/units.ts'
import { resources, type Resource } from '../../../protocol/catalogue/vocabulary.ts'

test('rows are read with the columns of the tables, in their order', () => {
  assert.deepEqual(Object.keys(Product.shape), productFields)
  assert.deepEqual(Object.keys(Battery.shape), batteryFields)
})

test('null is accepted exactly where a column is nullable', () => {
  const shapes: Record<Resource, Record<string, z.ZodType>> = {
    products: Product.shape,
    batteries: Battery.shape,
  }
  for (const resource of resources) {
    for (const [column, facts] of Object.entries(columnsOf[resource])) {
      assert.equal(shapes[resource][column]?.safeParse(null).success, isNullable(facts), column)
    }
  }
})

test('everything but ids and derived values can be written, conditions after the measured values', () => {
  const writable = writableFields.batteries
  assert.deepEqual(
    batteryFields.filter((field) => !writable.includes(field)),
    ['id', 'energy_mwh', 'specific_energy_mwh_per_kg', 'energy_density_mwh_per_l'],
  )
  const last = writable.indexOf('maximum_storage_temperature_mdegc')
  assert.deepEqual(writable.slice(last + 1, last + 4), [
    'capacity_condition',
    'resistance_condition',
    'cycle_life_condition',
  ])
})

test('each measured column ends in its unit, and a count in none', () => {
  for (const [column, { type }] of Object.entries(batteryColumns)) {
    if (type === 'measure' || type === 'derived') assert.ok(splitUnit(column), column)
    if (type === 'count') assert.equal(splitUnit(column), undefined, column)
  }
})

test('a list is ordered by sort, else by the first column with a bound, and a search by the id', () => {
  const [first, second] = batteryRanges
  for (const [given, expected] of [
    [{}, undefined],
    [{ sort: 'id', [`min_${first}`]: 1 }, undefined],
    [{ sort: 'model', q: 'x' }, 'model'],
    [{ [`max_${second}`]: 1, [`min_${first}`]: 1 }, first],
    [{ [`max_${second}`]: 1 }, second],
    [{ [`max_${second}`]: 1, q: 'x' }, undefined],
  ] as const)
    assert.equal(orderedBy(given), expected, JSON.stringify(given))
})

test('a natural key disregards the case of A-Z only, and a row without both parts has none', () => {
  assert.equal(foldKey(['LG Chem', 'Ä']), foldKey(['lg chem', 'Ä']))
  assert.notEqual(foldKey(['Ä', 'x']), foldKey(['ä', 'x']))
  assert.notEqual(foldKey(['a', 'bc']), foldKey(['ab', 'c']))
  assert.deepEqual(naturalKeyOf('products', { manufacturer: 'A', sku: 'B' }), ['A', 'B'])
  assert.equal(naturalKeyOf('batteries', { manufacturer: 'A', sku: 'B' }), undefined)
})
