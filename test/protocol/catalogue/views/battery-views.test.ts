/** The computed views of a battery: readable units, transport class, mapping. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attributeNames, MAPPING_NOTE, mappingOf } from '../../../../protocol/catalogue/views/mapping.ts'
import { batteryFields } from '../../../../protocol/catalogue/columns.ts'
import { shippingOf } from '../../../../protocol/catalogue/views/shipping.ts'
import { readableAs, readableValues } from '../../../../protocol/catalogue/units.ts'

test('a measured value is converted to its readable unit, exact to the last digit', () => {
  const row = {
    model: 'M',
    nominal_capacity_mah: 3500,
    nominal_voltage_mv: 3635,
    energy_mwh: 12_723,
    ac_internal_resistance_uohm: 35_100,
    mass_mg: 49_000,
    diameter_um: 18_390,
    minimum_charging_temperature_mdegc: -500,
    specific_energy_mwh_per_kg: 259_653,
    cycle_life: 500,
    height_um: null,
  }
  assert.deepEqual(readableValues(row), {
    nominal_capacity_mah: 3500,
    nominal_voltage_v: 3.635,
    energy_wh: 12.723,
    ac_internal_resistance_mohm: 35.1,
    mass_g: 49,
    diameter_mm: 18.39,
    minimum_charging_temperature_degc: -0.5,
    specific_energy_wh_per_kg: 259.653,
    height_mm: null,
  })
})

test('division by 1000 gives the shortest decimal, without rounding errors', () => {
  for (let value = 0; value < 100_000; value += 7) {
    const { mass_g: mass } = readableValues({ mass_mg: value })
    assert.equal(String(mass), String(Number(`${value}e-3`)))
  }
})

test('each readable unit has another name than its base unit, except mAh', () => {
  for (const column of batteryFields) {
    const readable = readableAs(column)
    if (readable !== undefined) assert.equal(readable.name === column, column.endsWith('_mah'), column)
  }
})

const classes: [string, 'cell' | 'pack', number | null, (string | number | null)[]][] = [
  ['a button cell', 'cell', 2_700, ['up_to_2.7_wh', 'IB', 'II', null]],
  ['just above it', 'cell', 2_701, ['up_to_20_wh', 'IB', 'II', 30]],
  ['an 18650', 'cell', 20_000, ['up_to_20_wh', 'IB', 'II', 30]],
  ['a large cell', 'cell', 20_001, ['over_20_wh', 'IA', 'I', 30]],
  ['a laptop battery', 'pack', 100_000, ['up_to_100_wh', 'IB', 'II', 30]],
  ['a bicycle battery', 'pack', 100_001, ['over_100_wh', 'IA', 'I', 30]],
  ['a small pack', 'pack', 2_000, ['up_to_2.7_wh', 'IB', 'II', null]],
  ['one of unknown energy', 'cell', null, [null, null, null, 30]],
]

for (const [what, kind, energy_mwh, expected] of classes) {
  test(`the transport class follows from the energy: ${what}`, () => {
    const shipping = shippingOf({ kind, energy_mwh, un383_report: null })
    const { watt_hour_class, alone, with_equipment } = shipping
    assert.deepEqual(
      [watt_hour_class, alone.section, with_equipment.section, with_equipment.state_of_charge_limit_percent],
      expected,
    )
    assert.equal(shipping.watt_hours, energy_mwh === null ? null : energy_mwh / 1000)
    assert.deepEqual([alone.un_number, alone.state_of_charge_limit_percent], ['UN3480', 30])
    assert.equal(shipping.in_equipment.un_number, 'UN3481')
    assert.match(shipping.note, /not legal advice/)
    assert.match(shipping.rules, /2026/)
  })
}

test('the transport class says whether the row names a test summary', () => {
  const shipped = { kind: 'cell', energy_mwh: 1 } as const
  assert.equal(shippingOf({ ...shipped, un383_report: null }).un383_summary, false)
  assert.equal(shippingOf({ ...shipped, un383_report: 'TS-1' }).un383_summary, true)
})

test('the mapping has each column at most once, and fills an attribute only where the row has a value', () => {
  const columns = attributeNames.flatMap((attribute) => attribute.columns)
  assert.equal(new Set(columns).size, columns.length)
  for (const column of columns) assert.ok(batteryFields.includes(column), column)
  const mapped = mappingOf({
    nominal_capacity_mah: 3500,
    minimum_storage_temperature_mdegc: 0,
    energy_mwh: null,
  })
  const filled = mapped.filter((attribute) => attribute.filled)
  assert.deepEqual(
    filled.map(({ battinfo, battery_pass }) => [battinfo, battery_pass]),
    [['nominal_capacity', 'ratedCapacity']],
  )
  assert.match(MAPPING_NOTE, /no passport/)
})
