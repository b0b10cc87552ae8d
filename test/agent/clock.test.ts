/** Deadlines on Node's clock. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../agent/clock.ts'

test('a deadline that has passed is due at once and one in a year is not, without a warning of Node', async (t) => {
  const warnings: Error[] = []
  function note(warning: Error): void {
    warnings.push(warning)
  }
  process.on('warning', note)
  t.after(() => process.off('warning', note))
  let early = false
  const cancel = systemClock.after(365 * 86_400_000, () => (early = true))
  await new Promise<void>((resolve) => systemClock.after(-5, resolve))
  // Warnings come in a later turn, and a delay that Node does not take would be due after 1 ms.
  await new Promise<void>((resolve) => systemClock.after(20, resolve))
  cancel()
  assert.deepEqual([early, warnings], [false, []])
})
