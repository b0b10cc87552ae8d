/** The page's small parts: units, axes, colours, marks, the command line it offers. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { parseArguments } from '../../../agent/command-line/arguments.ts'
import { Battery } from '../../../protocol/catalogue/shapes.ts'
import { readQuery } from '../../../workers/page/view-query.ts'
import { linearAxis, logarithmicAxis } from '../../../workers/page/chart/axes.ts'
import { batteryFacts } from '../../../workers/page/detail/battery-facts.ts'
import { sendCommand, shellWord } from '../../../workers/page/list/download.ts'
import { markShapes } from '../../../workers/page/chart/chemistry-marks.ts'
import { atGlance, fromBase, readable, toBase } from '../../../workers/page/measures.ts'
import { markKinds, palettes } from '../../../workers/page/palette.ts'

test('a number is shown in the unit of data sheets, exactly', () => {
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

test('in a table it is shown to three digits', () => {
  const texts = [9_490, 12_723, 444_000, 74].map((value) => atGlance('energy_mwh', value))
  assert.deepEqual(texts, ['9.49', '12.7', '444', '0.07'])
})

test('what is typed in a readable unit becomes the integer of the API, and back', () => {
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

test('empty fields and readable units have a better address, and what is given twice stays twice', () => {
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

test('an axis covers all values with round marks', () => {
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

/** WCAG 2.2, relative luminance of an sRGB colour `#rrggbb`. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

for (const [name, colours] of Object.entries(palettes)) {
  test(`in the ${name} palette text stands out by 4.5 and marks, edges and focus by 3`, () => {
    const { ground, surface, tint, faultTint } = colours
    const texts = [
      ...[ground, surface, tint].flatMap((behind) =>
        [colours.text, colours.muted, colours.accent].map((text) => [text, behind] as const),
      ),
      [colours.onAccent, colours.accent],
      [colours.fault, surface],
      [colours.text, faultTint],
      [colours.accent, faultTint],
    ] as const
    for (const [text, behind] of texts) {
      assert.ok(contrast(text, behind) >= 4.5, `${text} on ${behind}: ${contrast(text, behind).toFixed(2)}`)
    }
    for (const mark of [...Object.values(colours.marks), colours.edge, colours.accent]) {
      assert.ok(contrast(mark, surface) >= 3, `${mark}: ${contrast(mark, surface).toFixed(2)}`)
    }
  })
}

test('every chemistry has a shape and a colour of its own', () => {
  assert.equal(new Set(Object.values(markShapes)).size, markKinds.length)
  for (const { marks } of Object.values(palettes)) {
    assert.equal(new Set(Object.values(marks)).size, markKinds.length)
  }
})

test('every column of a battery has its place on the page', () => {
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

/** The words that a real shell makes of a command line. */
function shellWords(command: string): string[] {
  return execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1)
}

for (const hostile of [
  `'; touch /tmp/x; '`,
  '$(id)',
  '`id`',
  '--yes',
  'a\\',
  '!!',
  '"',
  '*',
  '~',
  'ü 🔋',
  '-',
])
  test(`a shell takes ${hostile} as one word`, () => {
    assert.deepEqual(shellWords(shellWord(hostile)), [hostile])
  })

test('the command is understood by voltdrop and means the list that is seen', () => {
  const filters = {
    chemistry: 'LFP',
    format: 'pouch',
    manufacturer: `-O'Neil & "Sons" $(id)`,
    min_nominal_capacity_mah: '1000',
    max_mass_mg: '45000',
    q: '-x y',
  }
  const origin = 'https://edge.example:8443'
  const [program, ...words] = shellWords(sendCommand({ resource: 'batteries', filters, origin }))
  assert.equal(program, 'voltdrop')
  const command = parseArguments(words, {})
  assert.equal(command.name, 'send')
  assert.equal(command.edge.origin, origin)
  assert.ok('catalogue' in command.source)
  assert.equal(command.source.catalogue, 'batteries')
  assert.deepEqual(Object.fromEntries(command.source.filters), filters)
})

test('the command for products names every filter', () => {
  const filters = { category: 'charger', manufacturer: 'Alpha Cells' }
  const words = shellWords(sendCommand({ resource: 'products', filters, origin: 'http://127.0.0.1:1' }))
  const command = parseArguments(words.slice(1), {})
  assert.ok(command.name === 'send' && 'catalogue' in command.source)
  assert.deepEqual(Object.fromEntries(command.source.filters), filters)
})
