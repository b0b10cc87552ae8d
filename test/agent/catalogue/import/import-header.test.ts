/** The meaning of column titles, and numbers converted to base units. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readHeader } from '../../../../agent/catalogue/import/import-header.ts'
import { parseDecimal, scaleToInteger } from '../../../../agent/catalogue/import/decimal-numbers.ts'

function meaning(title: string, resource: 'products' | 'batteries' = 'batteries') {
  const [column] = readHeader([title], resource).columns
  if (typeof column !== 'object') return column
  if ('refused' in column) return `refused: ${column.refused}`
  return typeof column.read === 'object' ? `${column.field} * 10^${column.read.power}` : column.field
}

test('a title may be the name of a column, with any of its units and in various spellings', () => {
  for (const [title, expected] of [
    ['model', 'model'],
    ['nominal_voltage_mv', 'nominal_voltage_mv * 10^0'],
    ['nominal_voltage_v', 'nominal_voltage_mv * 10^3'],
    ['Nominal voltage (V)', 'nominal_voltage_mv * 10^3'],
    ['Nominal capacity [Ah]', 'nominal_capacity_mah * 10^3'],
    ['nominal_capacity_mAh', 'nominal_capacity_mah * 10^0'],
    ['AC internal resistance (mΩ)', 'ac_internal_resistance_uohm * 10^3'],
    ['Diameter / µm', 'diameter_um * 10^0'],
    ['Mass (kg)', 'mass_mg * 10^6'],
    ['maximum charging temperature °C', 'maximum_charging_temperature_mdegc * 10^3'],
    ['cycle life', 'cycle_life * 10^0'],
    ['id', 'ignored'],
    ['energy_mwh', 'ignored'],
  ] as const)
    assert.equal(meaning(title), expected, title)
})

test('a measured column without a unit and an unknown column are refused', () => {
  assert.equal(
    meaning('height'),
    'refused: names no unit: one of height_um, height_mm, height_cm, height_m is expected',
  )
  assert.equal(meaning('colour'), 'refused: is no column of a battery')
  assert.equal(meaning('mass_g', 'products'), 'refused: is no column of a product')
})

test('the same field twice is refused, also under two units', () => {
  const [, second] = readHeader(['mass_g', 'mass_kg'], undefined).columns
  assert.deepEqual(second, { refused: 'says mass_mg a second time' })
})

test('rows with a column sku are products, unless the command says otherwise', () => {
  assert.equal(readHeader(['SKU', 'name'], undefined).resource, 'products')
  assert.equal(readHeader(['model'], undefined).resource, 'batteries')
  assert.equal(readHeader(['model'], 'products').resource, 'products')
})

test('numbers are scaled exactly, without rounding errors of floating point', () => {
  function scaled(text: string, power: number) {
    const decimal = parseDecimal(text)
    return decimal && scaleToInteger(decimal, power)
  }
  for (const [text, power, expected] of [
    ['3,635', 3, 3635],
    ['0.0395', 6, 39_500],
    ['18.39', 3, 18_390],
    ['1.005', 3, 1005],
    ['-20', 3, -20_000],
    ['+4.2', 3, 4200],
    ['-0.0', 3, 0],
    ['65', 0, 65],
    ['3.6354', 3, undefined],
    ['9007199254740993', 0, undefined],
    ['999999999999999', 6, undefined],
    ['1e3', 3, undefined],
    ['1.234,5', 3, undefined],
    ['', 3, undefined],
    ['.5', 3, undefined],
    ['NaN', 3, undefined],
    ['0x10', 0, undefined],
  ] as const)
    assert.ok(Object.is(scaled(text, power), expected), `${text} gives ${scaled(text, power)}`)
})
