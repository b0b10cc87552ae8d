/** Parts of the page: units, parameters, axes, and the facts of a battery. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Battery } from '../../../protocol/catalogue/shapes.ts'
import { readQuery } from '../../../workers/page/view-query.ts'
import { linearAxis, logarithmicAxis } from '../../../workers/page/chart/axes.ts'
import { batteryFacts } from '../../../workers/page/detail/battery-facts.ts'
import { atGlance, fromBase, readable, toBase } from '../../../workers/page/measures.ts'

test('a number is shown exactly, in the unit that data sheets use', () => {
  for (const [field, value, text] of [
    ['nominal_capacity_mah', 120_000, '120\u202f000'],
    ['nominal_capacity_mah', 3500, '3500'],
    ['nominal_voltage_mv', 3635, '3.635'],
    ['mass_mg', 8_000_000, '8000'],
    ['minimum_storage_temperature_mdegc', -20_000, '\u221220'],
    ['specific_energy_mwh_per_kg', 259_653, '259.7'],
    ['cycle_life', 500, '500'],
  ] as const) {
    assert.equal(readable(field, value), text, field)
  }
})

test('in a table a number is shown to three digits', () => {
  const texts = [9_490, 12_723, 444_000, 74].map((value) => atGlance('energy_mwh', value))
  assert.deepEqual(texts, ['9.49', '12.7', '444', '0.07'])
})

test('a number typed in a readable unit becomes the integer of the API, and back', () => {
  for (const [field, typed, integer] of [
    ['min_nominal_voltage_mv', '3.6', '3600'],
    ['min_nominal_voltage_mv', ' 3,635 ', '3635'],
    ['max_mass_mg', '.5', '500'],
    ['charging_at_mdegc', '-20', '-20000'],
    ['charging_at_mdegc', '\u221220.5', '-20500'],
    ['charging_at_mdegc', '-0', '0'],
    ['min_nominal_capacity_mah', '1000', '1000'],
    ['min_mass_mg', 'heavy', 'heavy'],
    ['min_mass_mg', '1e309', '1e309'],
    ['min_mass_mg', '-', '-'],
    ['min_mass_mg', '1.2.3', '1.2.3'],
  ] as const) {
    assert.equal(toBase(field, typed), integer, typed)
  }
  assert.equal(fromBase('max_mass_mg', '45500'), '45.5')
  assert.equal(fromBase('max_mass_mg', 'heavy'), 'heavy')
})

test('a query with empty fields or readable units is not canonical, and repeated parameters are kept', () => {
  assert.deepEqual(readQuery({ q: ['lg'], chemistry: ['LFP'] }), {
    given: { q: 'lg', chemistry: 'LFP' },
    canonical: true,
  })
  assert.deepEqual(readQuery({ q: [''], 'min_mass_mg.readable': ['45'], format: [' '] }), {
    given: { min_mass_mg: '45000' },
    canonical: false,
  })
  assert.deepEqual(readQuery({ q: ['a', 'b'] }), { given: { q: ['a', 'b'] }, canonical: true })
})

test('a parameter named like something that every object has is a parameter', () => {
  const names = [...Object.getOwnPropertyNames(Object.prototype)]
  const queries = Object.fromEntries(names.map((name) => [name, ['1']]))
  const { given } = readQuery(queries)
  assert.deepEqual(new Map(Object.entries(given)), new Map(names.map((name) => [name, '1'])))
})

test('an axis covers all values, with round values marked', () => {
  const linear = linearAxis(261)
  assert.deepEqual(
    linear.ticks.map(({ value }) => value),
    [0, 100, 200, 300],
  )
  assert.equal(linear.place(150), 0.5)
  for (const [least, greatest] of [
    [0.004, 330],
    [3.5, 3.5],
    [1, 1],
    [0.02, 0.03],
    [990, 1001],
  ] as const) {
    const axis = logarithmicAxis(least, greatest)
    assert.ok(axis.ticks.length >= 2 && axis.ticks.length <= 20, `${axis.ticks.length} marks`)
    assert.equal(axis.ticks[0]?.at, 0)
    assert.equal(axis.ticks.at(-1)?.at, 1)
    for (const value of [least, greatest]) {
      assert.ok(axis.place(value) >= 0 && axis.place(value) <= 1, `${value} of ${least} to ${greatest}`)
    }
  }
})

test('every column of a battery is shown on its page', () => {
  const shown = batteryFacts.flatMap(({ facts }) =>
    facts.flatMap(({ fields, condition }) => [...fields, condition]),
  )
  // Beside the facts: title, product, transport and source.
  const elsewhere = ['id', 'product_id', 'manufacturer', 'model', 'un383_report', 'verification']
  const places = new Set([...shown, ...elsewhere])
  const columns = Object.keys(Battery.shape).filter((column) => !column.startsWith('source_'))
  assert.deepEqual(
    columns.filter((column) => !places.has(column)),
    [],
  )
})
