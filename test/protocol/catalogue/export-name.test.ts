import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exportName } from '../../../protocol/catalogue/export-name.ts'

type Parameters = [string, string][]

function named(parameters: Parameters, revision = 12): string {
  return exportName({ resource: 'batteries', revision, extension: 'csv', parameters })
}

for (const [parameters, name] of [
  [[], 'batteries-r12.csv'],
  [[['chemistry', 'NMC']], 'batteries-r12-chemistry-nmc.csv'],
  [
    [
      ['min_nominal_capacity_mah', '3000'],
      ['chemistry', 'LFP'],
    ],
    'batteries-r12-chemistry-lfp-min-nominal-capacity-mah-3000.csv',
  ],
  [[['manufacturer', 'LG Chem']], 'batteries-r12-manufacturer-lg-chem-1ca2067c.csv'],
] as [Parameters, string][]) {
  test(`an export with ${JSON.stringify(parameters)} is named ${name}`, () => {
    assert.equal(named(parameters), name)
    assert.equal(named(parameters.toReversed()), name)
  })
}

test('other parameters or another revision give another name', () => {
  const all: Parameters[] = [
    [],
    [['q', 'a b']],
    [['q', 'a-b']],
    [['q', 'a']],
    [['q', '電池']],
    [['q', '../../x']],
    [['discharging_at_mdegc', '-20000']],
    [['discharging_at_mdegc', '20000']],
    [['fields', 'id,model,manufacturer,chemistry,format,kind,nominal_capacity_mah,mass_mg']],
    [['fields', 'id,model,manufacturer,chemistry,format,kind,nominal_capacity_mah,mass_mg,height_um']],
    [['manufacturer', `${'x'.repeat(100)}1`]],
    [['manufacturer', `${'x'.repeat(100)}2`]],
  ]
  const names = [...all.map((parameters) => named(parameters)), named([], 13)]
  assert.equal(new Set(names).size, names.length)
  for (const name of names) assert.match(name, /^batteries-r1[23][a-z0-9-]{0,80}\.csv$/)
})
