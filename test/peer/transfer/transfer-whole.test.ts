/** Transfers without faults, or with faults that are repaired. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import { nodePrimitives } from '../../../agent/primitives.ts'
import { openLink } from '../../../peer/link/link.ts'
import type { ReceivePolicy } from '../../../peer/transfer/receive-file.ts'
import { formatCrc32 } from '../../../protocol/crc32.ts'
import { MAX_CHUNK_BYTES } from '../../../protocol/transfer/data-frames.ts'
import { decodeFrame } from '../../../protocol/transfer/frames.ts'
import { channelPair } from '../../support/peer/channel-pair.ts'
import { VirtualClock } from '../../support/clock.ts'
import { linkPair } from '../../support/peer/link-pair.ts'
import { MemoryDestination, memorySource } from '../../support/peer/memory-files.ts'
import { damageChunkAt, transfer } from '../../support/peer/transfers.ts'

const MIB = 1024 * 1024
const sizes = [
  0,
  1,
  65_535,
  65_536,
  65_537,
  MAX_CHUNK_BYTES - 1,
  MAX_CHUNK_BYTES,
  MAX_CHUNK_BYTES + 1,
  MIB,
  MIB + 1,
]

for (const size of [...sizes, 24 * MIB + 7]) {
  test(`a file of ${size} bytes arrives identical, and both sides report the same sums`, async () => {
    const source = memorySource(size)
    const destination = new MemoryDestination()
    const { sender, receiver } = await transfer({ links: linkPair(), source, destination })
    const sha256 = createHash('sha256').update(source.bytes).digest('hex')
    const sums = { size, crc32: formatCrc32(crc32(source.bytes)), sha256 }
    assert.deepEqual(sender, { value: sums })
    assert.deepEqual(receiver, { value: { ...sums, savedAs: '/there/cells.csv', confirmed: true } })
    assert.deepEqual(destination.published.get('cells.csv'), source.bytes)
    assert.equal(destination.discarded, 0)
  })
}

test('a name of 200 bytes arrives, and the destination sees it as offered', async () => {
  const name = `${'é'.repeat(98)}.csv`
  const destination = new MemoryDestination()
  await transfer({ links: linkPair(), source: memorySource(10, name), destination })
  assert.deepEqual([...destination.published.keys()], [name])
  assert.deepEqual(destination.offered, [{ path: name, kind: 'file', size: 10, mtime_ms: 1_700_000_000_000 }])
})

test('the receiver is told what a renamed file is called at the sender before it decides', async () => {
  const source = { ...memorySource(10, 'env'), ownName: '.env' }
  const told: unknown[] = []
  const policy: ReceivePolicy = {
    maxBytes: 10,
    decide: async ({ name, ownName }) => {
      told.push([name, ownName])
      return 'accept'
    },
  }
  const { receiver } = await transfer({
    links: linkPair(),
    source,
    destination: new MemoryDestination(),
    policy,
  })
  assert.deepEqual([told, receiver.code], [[['env', '.env']], undefined])
})

test('a transfer works over sealed records on a channel', async () => {
  const channels = channelPair()
  channels.aToB.recorded = []
  const [one, other] = [randomBytes(32), randomBytes(32)]
  const shared = { primitives: nodePrimitives, clock: new VirtualClock() }
  const a = openLink({ channel: channels.a, keys: { send: one, receive: other }, ...shared })
  const b = openLink({ channel: channels.b, keys: { send: other, receive: one }, ...shared })
  const source = memorySource(3 * MIB)
  const destination = new MemoryDestination()
  const { sender, receiver } = await transfer({ links: { a, b }, source, destination })
  assert.equal(sender.code, undefined)
  assert.equal(receiver.code, undefined)
  assert.deepEqual(destination.published.get('cells.csv'), source.bytes)
  assert.ok(channels.aToB.recorded.every((record) => record.length <= 65_536))
  assert.ok(channels.aToB.recorded.every((record) => !Buffer.from(record).includes('cells.csv')))
})

test('progress rises from 0 to the size on both sides, and counts only what is written', async () => {
  const size = 5 * MIB
  const destination = new MemoryDestination()
  const [sent, received]: number[][] = [[], []]
  function note(list: number[] | undefined) {
    return (done: number, total: number) => {
      assert.equal(total, size)
      assert.ok(done <= destination.written)
      list?.push(done)
    }
  }
  const options = { links: linkPair(), source: memorySource(size), destination }
  await transfer({ ...options, onSent: note(sent), onReceived: note(received) })
  for (const steps of [sent, received]) {
    assert.equal(steps?.[0], 0)
    assert.equal(steps?.at(-1), size)
    assert.deepEqual(
      steps,
      steps?.toSorted((one, other) => one - other),
    )
    assert.ok((steps?.length ?? 0) > 4)
  }
})

test('no more than the window is in flight while the disk does not write', async () => {
  const pair = linkPair()
  pair.aToB.capacity = Number.POSITIVE_INFINITY
  const destination = new MemoryDestination()
  const disk = Promise.withResolvers<void>()
  destination.beforeWrite = () => disk.promise
  let inFlight = 0
  pair.aToB.fault = (message) => {
    const frame = decodeFrame(message)
    if (frame.type === 'chunk') inFlight += frame.bytes.length
    return [message]
  }
  const source = memorySource(40 * MIB)
  const done = transfer({ links: pair, source, destination })
  let before = -1
  while (inFlight > before) {
    before = inFlight
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
  }
  assert.ok(inFlight > 15 * MIB && inFlight <= 16 * MIB, `${inFlight} bytes in flight`)
  assert.ok(source.reads < 25, `${source.reads} blocks read`)
  disk.resolve()
  assert.equal((await done).sender.code, undefined)
})

for (const [where, offset] of [
  ['first', 0],
  ['middle', 7 * MAX_CHUNK_BYTES],
  ['last', 31 * MAX_CHUNK_BYTES],
] as const) {
  test(`a ${where} chunk that is damaged twice is sent again, and the file arrives identical`, async () => {
    const pair = linkPair()
    pair.aToB.fault = damageChunkAt(offset, 2)
    const source = memorySource(31 * MAX_CHUNK_BYTES + 5)
    const destination = new MemoryDestination()
    const { sender, receiver } = await transfer({ links: pair, source, destination })
    assert.equal(sender.code, undefined)
    assert.equal(receiver.code, undefined)
    assert.deepEqual(destination.published.get('cells.csv'), source.bytes)
  })
}

test('a file arrives identical even when every chunk is damaged once', async () => {
  const pair = linkPair()
  const seen = new Set<number>()
  pair.aToB.fault = (message, index) => {
    const frame = decodeFrame(message)
    if (frame.type !== 'chunk' || seen.has(frame.offset)) return [message]
    seen.add(frame.offset)
    return damageChunkAt(frame.offset, 1)(message, index)
  }
  const source = memorySource(40 * MAX_CHUNK_BYTES)
  const destination = new MemoryDestination()
  const { sender } = await transfer({ links: pair, source, destination })
  assert.equal(sender.code, undefined)
  assert.deepEqual(destination.published.get('cells.csv'), source.bytes)
})
