/** The check of a row of an import, which client and edge share. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkImportRow, type RowFault } from '../../../protocol/catalogue/import-rows.ts'
import type { Resource } from '../../../protocol/catalogue/vocabulary.ts'

const source_url = 'https://example.com/sheet.pdf'
const cell = { manufacturer: 'Alpha', model: 'A1', kind: 'cell', source_url }
const product = { sku: 'P-1', name: 'A cell', manufacturer: 'Alpha', category: 'charger', source_url }

function faults(resource: Resource, row: object, extent: 'whole' | 'part'): string[] {
  const found: readonly RowFault[] = checkImportRow(resource, { ...row }, extent).faults
  return found.map(({ field, detail }) => `${field}: ${detail}`)
}

const faulty: [string, Resource, object, string[]][] = [
  ['a number out of its range', 'batteries', { ...cell, mass_mg: 5 }, ['mass_mg: below 100']],
  [
    'a fault of type and a contradiction',
    'batteries',
    { ...cell, cycle_life: '500', nominal_voltage_mv: 3700, charging_voltage_mv: 3600 },
    ['cycle_life: not a whole number', 'nominal_voltage_mv: not below charging_voltage_mv'],
  ],
  [
    'a dimension that the format does not have',
    'batteries',
    { ...cell, format: 'cylindrical', width_um: 5_000 },
    ['width_um: a cylindrical cell has none'],
  ],
  ['an unknown field', 'products', { ...product, colour: 'red' }, ['colour: not known here']],
  [
    'a date that does not exist',
    'products',
    { ...product, source_retrieved_on: '2026-02-30' },
    ['source_retrieved_on: not a date YYYY-MM-DD'],
  ],
  [
    'a GTIN with a wrong check digit',
    'products',
    { ...product, gtin: '4006381333932' },
    ['gtin: the check digit does not fit'],
  ],
]

for (const [what, resource, row, expected] of faulty) {
  test(`${what} is the same fault in a whole row and in the given fields alone`, () => {
    assert.deepEqual(faults(resource, row, 'whole'), expected)
    assert.deepEqual(faults(resource, row, 'part'), expected)
  })
}

test('required fields are missing in a whole row only, and a whole row gets its defaults', () => {
  assert.deepEqual(faults('batteries', { model: 'A1' }, 'part'), [])
  assert.deepEqual(faults('batteries', { model: 'A1' }, 'whole'), [
    'manufacturer: missing',
    'kind: missing',
    'source_url: missing',
  ])
  const { row } = checkImportRow('products', product, 'whole')
  assert.deepEqual([row['status'], row['verification'], row['gtin']], ['unknown', 'unverified', null])
})

test('of many unknown fields the first twenty are named', () => {
  const row = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`x${i}`, 1]))
  assert.equal(faults('products', { ...product, ...row }, 'whole').length, 20)
})
