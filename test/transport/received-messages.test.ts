import assert from 'node:assert/strict'
import test from 'node:test'
import { ReceivedMessages } from '../../transport/received-messages.ts'

function bytes(...values: number[]) {
  return Uint8Array.from(values)
}

test('messages are read in order, and the writer is told how many bytes were taken', async () => {
  const taken: number[] = []
  const messages = new ReceivedMessages((length) => taken.push(length))
  const reader = messages[Symbol.asyncIterator]()
  const first = reader.next()
  messages.push(bytes(1))
  messages.push(bytes(2, 3))
  assert.deepEqual(taken, [1])
  assert.equal(messages.unreadBytes, 2)
  assert.deepEqual([(await first).value, (await reader.next()).value], [bytes(1), bytes(2, 3)])
  assert.deepEqual([taken, messages.unreadBytes], [[1, 2], 0])
})

test('the sequence ends after the unread messages, and only the first end counts', async () => {
  const messages = new ReceivedMessages()
  messages.push(bytes(1))
  messages.end()
  messages.end(new Error('too late'))
  messages.push(bytes(2))
  const seen: Uint8Array[] = []
  for await (const message of messages) seen.push(message)
  assert.deepEqual(seen, [bytes(1)])
})

test('after a failure a pending read and every later one throw', async () => {
  const messages = new ReceivedMessages()
  const reader = messages[Symbol.asyncIterator]()
  const waiting = reader.next()
  messages.end(new Error('lost'))
  await assert.rejects(waiting, { message: 'lost' })
  await assert.rejects(reader.next(), { message: 'lost' })
})

test('a reader that stops early frees what is unread, and no second reader is accepted', async () => {
  const messages = new ReceivedMessages()
  messages.push(bytes(1))
  messages.push(bytes(2))
  for await (const _ of messages) break
  assert.equal(messages.unreadBytes, 0)
  messages.push(bytes(3))
  assert.equal(messages.unreadBytes, 0)
  assert.throws(() => messages[Symbol.asyncIterator](), { code: 'internal' })
})
