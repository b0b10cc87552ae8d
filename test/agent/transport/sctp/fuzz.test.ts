/** Whatever arrives, nothing is thrown. VOLTDROP_FUZZ_PACKETS sets how many packets. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { fuzz } from './fuzz.ts'

const packets = Number(process.env['VOLTDROP_FUZZ_PACKETS'] ?? 100_000)

test(`${packets} hostile packets throw nothing and do not keep an association from ending`, () => {
  const survivors = fuzz(Number(process.env['VOLTDROP_FIRST_SEED'] ?? 1), packets)
  // Some attacks must be of the kind that an association survives, or the packets never reach its inside.
  assert.ok(survivors > 0)
})
