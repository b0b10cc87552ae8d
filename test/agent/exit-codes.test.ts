/** Exit codes, on which scripts rely. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exitCodeOf } from '../../agent/exit-codes.ts'
import { failureCodes } from '../../protocol/errors.ts'

test('every failure has a documented exit code other than 0', () => {
  const documented = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 130])
  for (const code of failureCodes) assert.ok(documented.has(exitCodeOf(code)), code)
})

test('the exit codes of the main failures do not change', () => {
  const promised = {
    wrong_code: 4,
    declined: 5,
    no_path: 6,
    interrupted: 7,
    corrupt: 8,
    tampered: 8,
    swapped: 8,
    file_exists: 9,
  } as const
  for (const [code, exit] of Object.entries(promised))
    assert.equal(exitCodeOf(code as keyof typeof promised), exit, code)
  assert.equal(exitCodeOf('edge_unreachable'), exitCodeOf('no_such_room'))
  assert.equal(exitCodeOf('cancelled'), 130)
})
