/** Numbers as people read them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatBytes, formatDuration, percent } from '../../../agent/terminal/human-units.ts'

test('sizes, times and percentages are formatted with the right unit and rounding', () => {
  assert.deepEqual([0, 999, 1000, 1024, 14_541, 1.2 * 1024 ** 3].map(formatBytes), [
    '0 B',
    '999 B',
    '0.98 KiB',
    '1.00 KiB',
    '14.2 KiB',
    '1.20 GiB',
  ])
  assert.deepEqual([0, 7, 750, 3723].map(formatDuration), ['0:00', '0:07', '12:30', '1:02:03'])
  assert.deepEqual([percent(0, 0), percent(999_999, 1_000_000), percent(1, 1)], [100, 99, 100])
})
