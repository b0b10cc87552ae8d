/** Transfers that must fail: both sides report the same code, and no file has the final name. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VoltdropError } from '../../../protocol/errors.ts'
import type { Failure } from '../../../protocol/errors.ts'
import { MAX_CHUNK_BYTES } from '../../../protocol/transfer/data-frames.ts'
import { decodeFrame } from '../../../protocol/transfer/frames.ts'
import { linkPair } from '../../support/peer/link-pair.ts'
import { MemoryDestination, memorySource } from '../../support/peer/memory-files.ts'
import { acceptAll, damageChunkAt, transfer } from '../../support/peer/transfers.ts'
import type { ReceivePolicy } from '../../../peer/transfer/receive-file.ts'
import type { TransferOptions } from '../../support/peer/transfers.ts'

const MIB = 1024 * 1024

/** Runs a transfer of 6 MiB and checks that nothing was published. */
async function failing(options: Partial<TransferOptions> & { destination?: MemoryDestination }) {
  const destination = options.destination ?? new MemoryDestination()
  const { sender, receiver } = await transfer({
    links: linkPair(),
    source: memorySource(6 * MIB),
    ...options,
    destination,
  })
  assert.equal(destination.published.size, 0)
  return { sender, receiver, destination }
}

test('a chunk that is damaged three times ends both sides as corrupt and removes the part file', async () => {
  const links = linkPair()
  links.aToB.fault = damageChunkAt(3 * MAX_CHUNK_BYTES, 3)
  const { sender, receiver, destination } = await failing({ links })
  assert.deepEqual(sender, { code: 'corrupt', detail: 'at the other side' })
  assert.deepEqual(receiver, { code: 'corrupt' })
  assert.equal(destination.discarded, 1)
})

test('content replaced together with its CRC-32 is detected by the sums at the end', async () => {
  const links = linkPair()
  links.aToB.fault = (message) => {
    const frame = decodeFrame(message)
    if (frame.type !== 'end') return [message]
    const lied = new TextDecoder().decode(message).replace(/"sha256":"./, (start) => start.slice(0, -1) + 'x')
    return [new TextEncoder().encode(lied.replace('"x', `"${frame.sha256.startsWith('0') ? '1' : '0'}`))]
  }
  const { sender, receiver, destination } = await failing({ links })
  assert.deepEqual(sender, { code: 'corrupt', detail: 'at the other side' })
  assert.deepEqual(receiver, { code: 'corrupt' })
  assert.equal(destination.discarded, 1)
})

for (const moment of ['before the first byte', 'before the last'] as const) {
  test(`a source that changes ${moment} ends both sides, and the receiver keeps nothing`, async () => {
    const source = memorySource(6 * MIB)
    function change(done: number): void {
      if (moment === 'before the first byte' || done > 2 * MIB) source.changed = true
    }
    const { sender, receiver, destination } = await failing({ source, onSent: change })
    assert.deepEqual(sender, { code: 'source_changed' })
    assert.deepEqual(receiver, { code: 'source_changed', detail: 'at the other side' })
    assert.equal(source.reads === 0, moment === 'before the first byte')
    assert.equal(destination.discarded, 1)
  })
}

test('a source that can no longer be read ends both sides', async () => {
  const source = memorySource(6 * MIB)
  source.read = () => Promise.reject(new VoltdropError('source_unreadable', '/here/cells.csv (EIO)'))
  const { sender, receiver } = await failing({ source })
  assert.deepEqual(sender, { code: 'source_unreadable', detail: '/here/cells.csv (EIO)' })
  assert.deepEqual(receiver, { code: 'source_unreadable', detail: 'at the other side' })
})

for (const refusal of ['file_exists', 'not_writable', 'disk_full'] as const) {
  test(`a destination that fails with ${refusal} declines before a byte is sent`, async () => {
    const destination = new MemoryDestination()
    destination.refusal = new VoltdropError(refusal, '/there/cells.csv')
    const source = memorySource(6 * MIB)
    const { sender, receiver } = await failing({ destination, source })
    assert.deepEqual(sender, { code: refusal, detail: 'at the other side' })
    assert.deepEqual(receiver, { code: refusal, detail: '/there/cells.csv' })
    assert.equal(source.reads, 0)
  })
}

test('a disk that fills up during the transfer ends both sides and removes the part file', async () => {
  const destination = new MemoryDestination()
  destination.beforeWrite = async (offset) => {
    if (offset >= 2 * MIB) throw new VoltdropError('disk_full')
  }
  const { sender, receiver } = await failing({ destination })
  assert.deepEqual(sender, { code: 'disk_full', detail: 'at the other side' })
  assert.deepEqual(receiver, { code: 'disk_full' })
  assert.equal(destination.discarded, 1)
})

test('a person who declines ends both sides as declined', async () => {
  const { sender, receiver, destination } = await failing({
    policy: { ...acceptAll, decide: async () => 'declined' },
  })
  assert.deepEqual(sender, { code: 'declined', detail: 'at the other side' })
  assert.deepEqual(receiver, { code: 'declined', detail: 'on this side' })
  assert.equal(destination.offered.length, 0)
})

test('the question to the person is withdrawn when the other side is lost', async () => {
  const links = linkPair()
  let takenBack = false
  const decide: ReceivePolicy['decide'] = (_, signal) => {
    links.cut()
    return new Promise(() => signal.addEventListener('abort', () => (takenBack = true)))
  }
  const { receiver } = await failing({ links, policy: { ...acceptAll, decide } })
  assert.equal(receiver.code, 'interrupted')
  assert.ok(takenBack)
})

test('a file over the size limit is declined without a question', async () => {
  function decide(): never {
    return assert.fail('no question should be asked')
  }
  const { sender, receiver } = await failing({ policy: { maxBytes: 6 * MIB - 1, decide } })
  assert.deepEqual(sender, { code: 'too_large', detail: 'at the other side' })
  assert.equal(receiver.code, 'too_large')
})

test('a connection lost during the transfer interrupts both sides and removes the part file', async () => {
  const links = linkPair()
  const { sender, receiver, destination } = await failing({
    links,
    onReceived: (done) => done > 2 * MIB && links.cut(),
  })
  assert.equal(sender.code, 'interrupted')
  assert.equal(receiver.code, 'interrupted')
  assert.equal(destination.discarded, 1)
})

for (const side of ['sender', 'receiver'] as const) {
  test(`a ${side} that cancels during the transfer tells the other side, and nothing is kept`, async () => {
    const controller = new AbortController()
    function cancel(done: number): void {
      if (done > 2 * MIB) controller.abort()
    }
    const chosen =
      side === 'sender'
        ? { senderSignal: controller.signal, onSent: cancel }
        : { receiverSignal: controller.signal, onReceived: cancel }
    const endings = await failing(chosen)
    const told = { code: 'interrupted' as Failure, detail: 'the other side was stopped' }
    assert.deepEqual(endings.sender, side === 'sender' ? { code: 'cancelled' } : told)
    assert.deepEqual(endings.receiver, side === 'receiver' ? { code: 'cancelled' } : told)
    assert.equal(endings.destination.discarded, 1)
  })
}

test('a sender cancelled before the start tells the receiver and reads nothing', async () => {
  const source = memorySource(10)
  const { sender, receiver } = await failing({ source, senderSignal: AbortSignal.abort() })
  assert.deepEqual(sender, { code: 'cancelled' })
  assert.equal(receiver.code, 'interrupted')
  assert.equal(source.reads, 0)
})

test('a sender that cancels while the receiver decides ends the question', async () => {
  const controller = new AbortController()
  function decide(): Promise<'accept'> {
    controller.abort()
    return new Promise(() => {})
  }
  const { sender, receiver } = await failing({
    policy: { ...acceptAll, decide },
    senderSignal: controller.signal,
  })
  assert.deepEqual(sender, { code: 'cancelled' })
  assert.deepEqual(receiver, { code: 'interrupted', detail: 'the other side was stopped' })
})

test('a lost saved message interrupts the sender, while the receiver keeps the complete file', async () => {
  const links = linkPair()
  links.bToA.fault = (message) => {
    if (decodeFrame(message).type !== 'saved') return [message]
    links.cut()
    return []
  }
  const destination = new MemoryDestination()
  const { sender, receiver } = await transfer({ links, source: memorySource(10), destination })
  assert.equal(sender.code, 'interrupted')
  assert.equal(receiver.code === undefined && receiver.value.confirmed, false)
  assert.equal(destination.published.size, 1)
})
