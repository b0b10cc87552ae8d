/** The rate of a transfer and the time that it still takes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProgressMeter } from '../../../agent/terminal/progress-meter.ts'

test('rate and remaining time come from the last three seconds', () => {
  const meter = new ProgressMeter(100_000)
  meter.update(0, 0)
  for (let ms = 100; ms <= 5000; ms += 100) meter.update(ms, ms)
  assert.deepEqual(meter.update(5100, 5100), { bytesPerSecond: 1000, etaSeconds: 95 })
  assert.equal(meter.update(5100, 60_000).etaSeconds, undefined)
  const stalled = new ProgressMeter(1_000)
  stalled.update(0, 0)
  stalled.update(500, 1000)
  const rates = [2000, 3000, 4000, 5000].map((ms) => stalled.update(500, ms).bytesPerSecond)
  assert.deepEqual([rates.at(-1), rates.toSorted((a, b) => b - a)], [0, rates], 'it falls to nothing')
})
