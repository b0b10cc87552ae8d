/** The queue that turns callbacks into an async iterable. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AsyncQueue } from '../../peer/async-queue.ts'

async function all<T>(queue: AsyncQueue<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of queue) items.push(item)
  return items
}

test('items pushed before the end are delivered in order, then the iteration ends', async () => {
  const queue = new AsyncQueue<number>()
  for (const item of [1, 2, 3]) queue.push(item)
  queue.end()
  queue.push(4)
  assert.deepEqual(await all(queue), [1, 2, 3])
  assert.deepEqual(await all(queue), [])
})

test('an error passed to end is thrown after the last item, at every read', async () => {
  const queue = new AsyncQueue<number>()
  queue.push(1)
  queue.end(new Error('first'))
  queue.end(new Error('second'))
  assert.deepEqual(await queue.next(), { value: 1, done: false })
  for (const _ of [1, 2]) await assert.rejects(queue.next(), { message: 'first' })
})

test('pending reads are served in order and resolved by the end', async () => {
  const queue = new AsyncQueue<number>()
  const reads = [queue.next(), queue.next(), queue.next()]
  queue.push(1)
  queue.push(2)
  queue.end()
  assert.deepEqual(await Promise.all(reads), [
    { value: 1, done: false },
    { value: 2, done: false },
    { value: undefined, done: true },
  ])
})

test('leaving an iteration early keeps the remaining items for the next one', async () => {
  const queue = new AsyncQueue<number>()
  for (const item of [1, 2]) queue.push(item)
  queue.end()
  for await (const item of queue) {
    assert.equal(item, 1)
    break
  }
  assert.deepEqual(await all(queue), [2])
})

test('ending with discard drops unread items', async () => {
  const queue = new AsyncQueue<number>()
  queue.push(1)
  queue.end(undefined, { discard: true })
  assert.deepEqual(await all(queue), [])
})

test('each item is reported once, when it is taken or dropped', async () => {
  const removed: number[] = []
  const queue = new AsyncQueue<number>((item) => removed.push(item))
  const first = queue.next()
  for (const item of [1, 2, 3]) queue.push(item)
  assert.deepEqual(removed, [1], 'a reader was waiting')
  assert.equal(queue.length, 2)
  await Promise.all([first, queue.next()])
  assert.deepEqual(removed, [1, 2])
  queue.end()
  queue.push(4)
  assert.deepEqual(removed, [1, 2, 4], 'the queue had ended')
  queue.end(undefined, { discard: true })
  assert.deepEqual(removed, [1, 2, 4, 3])
  assert.equal(queue.length, 0)
})
