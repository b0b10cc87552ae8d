/** Whatever arrives, nothing is thrown. fuzz.long.ts sends fifty times as many. VOLTDROP_SEED repeats one attack. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { attack } from './fuzz.ts'

const only = process.env['VOLTDROP_SEED']
const seeds = only === undefined ? Array.from({ length: 500 }, (_, index) => index + 1) : [Number(only)]

test('20,000 hostile packets throw nothing', () => {
  let survivors = 0
  for (const seed of seeds) survivors += attack(seed)
  // Some attacks must be of the kind that an association survives, or the packets never reach its inside.
  assert.ok(survivors > 0 || only !== undefined)
})
