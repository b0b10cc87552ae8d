import assert from 'node:assert/strict'
import test from 'node:test'
import { MessageQueue } from '../../transport/received-messages.ts'

function bytes(...values: number[]) {
  return Uint8Array.from(values)
}

test('messages come in order, waiting or not, and the writer hears what was taken', async () => {
  const taken: number[] = []
  const queue = new MessageQueue((length) => taken.push(length))
  const reader = queue[Symbol.asyncIterator]()
  const first = reader.next()
  queue.push(bytes(1))
  queue.push(bytes(2, 3))
  assert.deepEqual(taken, [1])
  assert.equal(queue.waitingBytes, 2)
  assert.deepEqual([(await first).value, (await reader.next()).value], [bytes(1), bytes(2, 3)])
  assert.deepEqual([taken, queue.waitingBytes], [[1, 2], 0])
})

test('an end comes after what waits; only the first end counts', async () => {
  const queue = new MessageQueue()
  queue.push(bytes(1))
  queue.end()
  queue.end(new Error('too late'))
  queue.push(bytes(2))
  const seen: Uint8Array[] = []
  for await (const message of queue) seen.push(message)
  assert.deepEqual(seen, [bytes(1)])
})

test('a failure throws at a waiting reader and at every later read', async () => {
  const queue = new MessageQueue()
  const reader = queue[Symbol.asyncIterator]()
  const waiting = reader.next()
  queue.end(new Error('lost'))
  await assert.rejects(waiting, { message: 'lost' })
  await assert.rejects(reader.next(), { message: 'lost' })
})

test('a reader that walks away leaves nothing behind, and there is one reader only', async () => {
  const queue = new MessageQueue()
  queue.push(bytes(1))
  queue.push(bytes(2))
  for await (const _ of queue) break
  assert.equal(queue.waitingBytes, 0)
  queue.push(bytes(3))
  assert.equal(queue.waitingBytes, 0)
  assert.throws(() => queue[Symbol.asyncIterator](), { code: 'internal' })
})
