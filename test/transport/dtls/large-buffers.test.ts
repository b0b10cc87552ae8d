import assert from 'node:assert/strict'
import test from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { noteLargeBuffers } from '../../../transport/dtls/large-buffers.ts'

// Otherwise a thread of V8 frees the buffers of a collection when it gets a core, late on a busy machine.
setFlagsFromString('--no-concurrent-array-buffer-sweeping')

const MIB = 1024 * 1024
const BUFFER_BYTES = 65_536

/** Allocates 512 MiB of buffers that become garbage at once; returns the most that was in memory at a time, in MiB. */
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

test('counted large buffers are freed early, while V8 alone lets them accumulate', () => {
  const alone = waste(() => {})
  const counted = waste(noteLargeBuffers)
  assert.ok(counted < 20, `${counted} MiB`)
  assert.ok(alone > counted, `${alone} MiB against ${counted}`)
})

test('the garbage collector is not exposed to the rest of the program', () => {
  waste(noteLargeBuffers)
  assert.equal(Reflect.get(globalThis, 'gc'), undefined)
})
