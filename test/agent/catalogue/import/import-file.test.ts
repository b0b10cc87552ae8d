/** Realistic files with typical mistakes: each is reported by line and column, and nothing else is. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  readImportFile,
  type ReadOptions,
  type ReadRow,
} from '../../../../agent/catalogue/import/import-file.ts'
import { VoltdropError } from '../../../../protocol/errors.ts'
import { seedBatteries as seeds } from '../../../../drizzle/seed/seed-catalogue.ts'
import { memorySource } from '../../../support/peer/memory-files.ts'

async function read(text: string | Uint8Array, options: Partial<ReadOptions> = {}) {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  const file = await readImportFile(memorySource(bytes), {
    wanted: undefined,
    defaults: new Map(),
    clearEmpty: false,
    createProducts: false,
    onProgress: () => {},
    ...options,
  })
  const rows: ReadRow[] = []
  for await (const row of file.rows) rows.push(row)
  const told = [...file.faults, ...rows.flatMap(({ faults }) => faults)]
  return {
    ...file,
    rows: rows.map(({ row }) => row),
    told: told.map(
      ({ line, column, text: says, remark }) =>
        `${line} ${column ?? '-'}: ${says}${remark ? ' (remark)' : ''}`,
    ),
  }
}

/** The header of the product list, without units, and rows with one mistake of each kind. */
const list = [
  'manufacturer;model;wikidata;source;Type;Case;Mass;Diameter;Height;Thickness;Width;NominalVoltage;NominalCapacity;LowerVoltageLimit;UpperVoltageLimit;MaximumChargeCurrent;MaximumDischargeCurrent',
  'Alpha;INR18650-A;https://www.wikidata.org/wiki/Q42;https://example.com/a;LithiumIonBattery;R18650;0,049;18,4;65;;;3,635;3,5;2,5;4,2;3,4;10',
  'Alpha;INR18650-B;;https://example.com/b;LithiumIonBattery;R21700;;;;;;;;;;;',
  'Alpha;NCR18650GA;;https://example.com/c;LithiumIonBattery;R18650;;;;;;;;;;;',
  'ALPHA;ncr18650ga;;https://example.com/d;LithiumIonBattery;;0,0495;18,5;65,3;;;3,6;3,45;;;;',
  'Alpha;UPF1;;https://example.com/e;LithiumIonBattery;;0,0181;;123,2;4,5;63,6;3,85;6;;;;',
  'Alpha;CG-1;;https://example.com/f;LithiumIonBattery;;0,02;16;3,65;;;4,35;0,0038;;;;',
  'Alpha;BK1;;https://example.com/g;NickelMetalHydrideBattery;;0,024;;;;;1,2;1,1;;;;',
  'Alpha;JP3;;;;;;;;;;;;;;;',
  'Alpha;INR2170-X;;https://example.com/h;LithiumIonBattery;R21700;0.069;;;;;3,6;4,5;4,2;2,5;;',
  'Alpha;short;row',
  '',
].join('\r\n')

test('every mistake in a product list with decimal commas and a byte order mark is reported', async () => {
  const { rows, told, resource, namesProducts } = await read(`\uFEFF${list}`)
  assert.equal(resource, 'batteries')
  assert.equal(namesProducts, false)
  assert.deepEqual(told, [
    "3 Case: the model's name says 18650",
    '5 model: the same manufacturer and model as on line 4',
    '6 Mass: with this mass the cell has 1,276 Wh/kg, which none has',
    '7 NominalCapacity: 0,0038 is finer than nominal_capacity_mah keeps, or too large',
    '7 Mass: mass and dimensions make 27 g/cm³, which no cell has',
    '8 Type: NickelMetalHydrideBattery is no lithium-ion battery',
    '9 Type: empty',
    '9 source: empty',
    '10 Mass: decimal . in 0.069, but decimal , on line 2',
    '10 LowerVoltageLimit: not below NominalVoltage',
    '10 NominalVoltage: not below UpperVoltageLimit',
    '10 model: writes 2170 where sizes have five digits (21700) (remark)',
    '11 -: 3 fields under 17 columns',
  ])
  assert.deepEqual(rows[0], {
    manufacturer: 'Alpha',
    model: 'INR18650-A',
    wikidata_qid: 'Q42',
    source_url: 'https://example.com/a',
    kind: 'cell',
    size_code: 'R18650',
    mass_mg: 49_000,
    diameter_um: 18_400,
    height_um: 65_000,
    nominal_voltage_mv: 3635,
    nominal_capacity_mah: 3500,
    discharging_cutoff_voltage_mv: 2500,
    charging_voltage_mv: 4200,
    maximum_continuous_charging_current_ma: 3400,
    maximum_continuous_discharging_current_ma: 10_000,
  })
})

test('rows that are not lithium-ion batteries can be read as products', async () => {
  const { rows, told, ignored } = await read(list, { wanted: 'products' })
  assert.deepEqual(rows[6], {
    manufacturer: 'Alpha',
    sku: 'BK1',
    name: 'Alpha BK1',
    source_url: 'https://example.com/g',
    category: 'nickel_metal_hydride',
  })
  assert.ok(ignored.includes('NominalVoltage'))
  assert.ok(told.includes('5 model: the same manufacturer and sku as on line 4'))
})

const head = 'manufacturer,model,kind,source_url'
const cell = 'Alpha,A1,cell,https://example.com/a'

test("values are checked by the edge's rules and reported under the file's own column titles", async () => {
  const { told } = await read(
    `${head},Mass (g),chemistry,nominal_capacity_mah,size code\n` +
      `${cell},0.05,NMC,,\n` +
      'Alpha,A2,cell,http://example.com,45,nmc,"2,000",18650\n' +
      'Alpha,A3,cell,https://example.com/a,heavy,LFP,1e3,R18650\n',
  )
  assert.deepEqual(told, [
    '2 Mass (g): below 0.1',
    '3 nominal_capacity_mah: 2,000 is not a whole number',
    '3 chemistry: one of NMC, NCA, LFP, LCO, LMO, LTO, LMFP, LNMO, other',
    '3 source_url: not an https address',
    '4 Mass (g): heavy is not a number',
    '4 nominal_capacity_mah: 1e3 is not a number',
  ])
})

test('a size code with the dimensions of another size is reported', async () => {
  const { told } = await read(`${head},size_code,diameter_mm,height_mm\n${cell},18650,21.2,70.1\n`)
  assert.deepEqual(told, ['2 diameter_mm: 21.2 mm does not fit the size R18650'])
})

test('an empty cell leaves a field as it is, unless empty cells are to clear fields', async () => {
  const text = `${head},chemistry\n${cell},\n`
  assert.ok(!('chemistry' in ((await read(text)).rows[0] ?? {})))
  assert.equal((await read(text, { clearEmpty: true })).rows[0]?.['chemistry'], null)
})

test('a default can be given for rows that leave a field empty', async () => {
  const text = 'manufacturer,model,kind\nAlpha,A1,\nAlpha,A2,pack\n'
  const { rows, told } = await read(text, { defaults: new Map([['kind', 'cell']]) })
  assert.deepEqual(
    rows.map((row) => row['kind']),
    ['cell', 'pack'],
  )
  assert.deepEqual(told, [])
})

test('product ids are read in a file of this edge, and skipped in one of another edge', async () => {
  const text = `id,product_id,${head},energy_mwh\n7,9,${cell},12\n`
  const own = await read(text)
  assert.equal(own.rows[0]?.['product_id'], 9)
  assert.deepEqual(own.ignored, ['id', 'energy_mwh'])
  assert.ok(!('product_id' in ((await read(text, { createProducts: true })).rows[0] ?? {})))
})

test('the apostrophe by which an export disarms a formula is removed', async () => {
  for (const [written, meant] of [
    ["'=1+1", '=1+1'],
    ["''=1+1", "'=1+1"],
    ["'＝1+1", '＝1+1'],
    ["'s", "'s"],
    ["x;'=1", 'x;=1'],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop
    const { rows } = await read(`${head},capacity_condition\n${cell},${written}\n`)
    assert.equal(rows[0]?.['capacity_condition'], meant)
  }
})

test('NDJSON has no such apostrophe: its text is taken as it is', async () => {
  const row = { manufacturer: 'Alpha', model: 'A1', kind: 'cell', source_url: 'https://example.com' }
  const { rows } = await read(`${JSON.stringify({ ...row, capacity_condition: "'=1+1" })}\n`)
  assert.equal(rows[0]?.['capacity_condition'], "'=1+1")
})

test('NDJSON is read with its end record, and a cut file is reported', async () => {
  function row(model: string) {
    return JSON.stringify({
      manufacturer: 'Alpha',
      model,
      kind: 'cell',
      source_url: 'https://example.com',
      nominal_voltage_v: 3.635,
      chemistry: null,
    })
  }
  const whole = `${row('A1')}\n${row('A2')}\n{"end":{"rows":2}}\n`
  const { rows, told } = await read(whole)
  assert.deepEqual(told, [])
  assert.deepEqual(
    rows.map(({ model, nominal_voltage_mv, chemistry }) => [model, nominal_voltage_mv, chemistry]),
    [
      ['A1', 3635, null],
      ['A2', 3635, null],
    ],
  )
  const bad = await read(
    `${row('A1')}\n{"model":\n[1]\n{"manufacturer":"B","model":{},"colour":1}\n{"end":{"rows":9}}`,
  )
  assert.deepEqual(bad.told, [
    '2 -: is not one JSON object of at most 65536 characters',
    '3 -: is not one JSON object of at most 65536 characters',
    '4 colour: is no column of a battery',
    '4 model: neither text nor number',
    '5 -: the end record counts 9 rows, there are 2',
  ])
})

test('a header with unknown columns is reported at once, and no row is read', async () => {
  const { told } = await read('manufacturer,model,mass,colour\n')
  assert.deepEqual(told, [
    '1 mass: names no unit: one of mass_mg, mass_g, mass_kg is expected',
    '1 colour: is no column of a battery',
  ])
})

test('a file that is empty or not UTF-8 is refused as a whole', async () => {
  for (const [bytes, reason] of [
    [Buffer.from(''), /empty/],
    [Buffer.from('\n\n'), /empty/],
    [Buffer.from('manufacturer,model\nB\xfcrger,A1\n', 'latin1'), /UTF-8/],
    [Buffer.from('manufacturer,model\n', 'utf16le'), /no column|UTF-8|header/],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop -- one file after the other
    const told = await read(bytes).then(
      (file) => file.told.join(),
      (error: unknown) =>
        error instanceof VoltdropError && error.code === 'bad_rows' ? (error.detail ?? '') : String(error),
    )
    assert.match(told, reason)
  }
})

test('no real cell of the seed is reported as implausible', async () => {
  const rows = seeds.map((seed) => JSON.stringify(seed)).join('\n')
  const { told } = await read(rows, { wanted: 'batteries' })
  assert.deepEqual(
    told.filter((line) => !line.endsWith('(remark)')),
    [],
  )
})
