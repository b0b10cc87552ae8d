/** What is reported while a transfer runs, stalls and ends. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { followTransfer } from '../../../agent/meeting/follow-transfer.ts'
import type { AgentEvent } from '../../../agent/terminal/events.ts'

function follow(role: 'sender' | 'receiver') {
  const events: AgentEvent[] = []
  const terminal = { report: (event: AgentEvent) => void events.push(event), clear() {} }
  return { events, ...followTransfer(role, { terminal }) }
}

test('while nothing moves the rate goes on being reported, until the end', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { events, onProgress, stop } = follow('receiver')
  t.mock.timers.tick(5_000)
  assert.equal(events.length, 0, 'nothing has begun')
  onProgress(0, 100)
  onProgress(40, 100)
  t.mock.timers.tick(3_000)
  const bytes = events.map((event) => (event.t === 'progress' ? event.bytes : undefined))
  assert.deepEqual(bytes, [0, 40, 40, 40, 40])
  stop()
  t.mock.timers.tick(3_000)
  assert.equal(events.length, 5)
})

test('the end carries the exit code, whole milliseconds, and on the receiver the path', () => {
  const sums = { size: 100, sha256: 'f'.repeat(64), crc32: 'cbf43926' }
  for (const [role, file, path] of [
    ['receiver', { path: '/srv/a.csv' }, '/srv/a.csv'],
    ['sender', { name: 'a.csv' }, undefined],
  ] as const) {
    const { events, onProgress, done, stop } = follow(role)
    onProgress(100, 100)
    done(file, sums)
    stop()
    const end = events.at(-1)
    assert.ok(end?.t === 'done')
    assert.deepEqual([end.name, end.path, end.exit, end.bytes], ['a.csv', path, 0, 100])
    assert.equal(end.seconds, Number(end.seconds.toFixed(3)))
  }
})
