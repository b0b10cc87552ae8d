import assert from 'node:assert/strict'
import test from 'node:test'
import { noteLargeBuffers } from '../../../transport/dtls/large-buffers.ts'

const MIB = 1024 * 1024
const BUFFER_BYTES = 65_536

/** Makes 512 MiB of garbage in buffers, and returns the most of it that was in memory at a time, in MiB. */
function waste(onMade: (bytes: number) => void): number {
  const before = process.memoryUsage().arrayBuffers
  let most = 0
  for (let made = 0; made < 512 * MIB; made += BUFFER_BYTES) {
    Buffer.alloc(BUFFER_BYTES)
    onMade(BUFFER_BYTES)
    most = Math.max(most, process.memoryUsage().arrayBuffers - before)
  }
  return most / MIB
}

test('large buffers that are counted are freed while they are few; V8 alone lets them gather', () => {
  const alone = waste(() => {})
  const counted = waste(noteLargeBuffers)
  assert.ok(counted < 20, `${counted} MiB`)
  assert.ok(alone > counted, `${alone} MiB against ${counted}`)
})

test('nothing of the way to the collector stays open', () => {
  waste(noteLargeBuffers)
  assert.equal(Reflect.get(globalThis, 'gc'), undefined)
})
