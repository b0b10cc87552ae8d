/** The sender against receivers that break the protocol: it ends, reports why, and never succeeds. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sendFile } from '../../../peer/transfer/send-file.ts'
import {
  MAX_CHUNK_BYTES,
  encodeAgain,
  encodeChunk,
  encodeReceived,
} from '../../../protocol/transfer/data-frames.ts'
import {
  encodeAccept,
  encodeDecline,
  encodeHello,
  encodeOffer,
} from '../../../protocol/transfer/opening-frames.ts'
import type { OfferedEntry } from '../../../protocol/transfer/opening-frames.ts'
import { encodeBye, encodeError, encodeSaved } from '../../../protocol/transfer/closing-frames.ts'
import { VirtualClock } from '../../support/clock.ts'
import { linkPair } from '../../support/peer/link-pair.ts'
import { memorySource } from '../../support/peer/memory-files.ts'
import { ScriptedPeer, ending, sideOf } from '../../support/peer/transfers.ts'

const WINDOW = 65_536
const accept = encodeAccept({ window: WINDOW, have: [0] })
function saved(sums: { crc32: string; sha256: string }) {
  return encodeSaved({ entry: 0, crc32: sums.crc32, sha256: sums.sha256 })
}

/** A sender of `size` bytes, and a scripted receiver. */
function start(size = 10 * MAX_CHUNK_BYTES) {
  const { a, b } = linkPair()
  const source = memorySource(size)
  return {
    receiver: new ScriptedPeer(b),
    source,
    sent: ending(sendFile(a, source, sideOf(new VirtualClock()))),
  }
}

/** How the sender ends when the receiver sends `messages` after the first chunk. */
async function endingAfter(...messages: Uint8Array[]) {
  const { receiver, sent } = start()
  await receiver.send(accept)
  await receiver.receiveUntil('chunk')
  await receiver.send(...messages)
  return { receiver, ended: await sent }
}

test("the offer has the file's name, size and time, and a unique transfer id", async () => {
  const [one, other] = [start(), start()]
  const offers = [await one.receiver.receiveUntil('offer'), await other.receiver.receiveUntil('offer')]
  const size = 10 * MAX_CHUNK_BYTES
  assert.deepEqual(offers[0]?.entries, [
    { path: 'cells.csv', kind: 'file', size, mtime_ms: 1_700_000_000_000 },
  ])
  assert.equal(offers[0]?.bytes, size)
  assert.notEqual(offers[0]?.transfer, offers[1]?.transfer)
  await Promise.all([one, other].map(({ receiver }) => receiver.send(encodeDecline('declined'))))
  const declined = { code: 'declined', detail: 'at the other side' }
  assert.deepEqual(await Promise.all([one.sent, other.sent]), [declined, declined])
})

test('a time that no calendar has is offered as the nearest that one has', async () => {
  for (const [mtimeMs, offered] of [
    [9.1e18, 8.64e15],
    [-9.1e18, -8.64e15],
    [1.5, 1],
  ] as const) {
    const { a, b } = linkPair()
    const source = { ...memorySource(1), mtimeMs }
    const sent = ending(sendFile(a, source, sideOf(new VirtualClock())))
    const receiver = new ScriptedPeer(b)
    assert.equal((await receiver.receiveUntil('offer')).entries[0]?.mtime_ms, offered)
    await receiver.send(encodeDecline('declined'))
    assert.equal((await sent).code, 'declined')
  }
})

test('the file is not read before the receiver accepts', async () => {
  const { receiver, source, sent } = start()
  await receiver.receiveUntil('offer')
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  assert.equal(source.reads, 0)
  await receiver.link.close()
  assert.equal((await sent).code, 'interrupted')
})

test('the sender never exceeds the window, and each credit opens it by its amount', async () => {
  const { receiver, sent } = start(2 * MAX_CHUNK_BYTES)
  await receiver.send(accept)
  assert.equal((await receiver.receiveUntil('chunk')).offset, 0)
  let heard = 0
  const second = receiver.receiveUntil('chunk').finally(() => heard++)
  await receiver.send(encodeReceived(2 * MAX_CHUNK_BYTES - WINDOW - 1))
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  assert.equal(heard, 0)
  await receiver.send(encodeReceived(2 * MAX_CHUNK_BYTES - WINDOW))
  assert.equal((await second).offset, MAX_CHUNK_BYTES)
  await receiver.send(saved(await receiver.receiveUntil('end')))
  assert.equal((await sent).code, undefined)
  assert.deepEqual(await receiver.receive(), { type: 'bye' })
  assert.equal(await receiver.receive(), undefined)
})

test('a saved message with another CRC-32 ends as corrupt', async () => {
  const { receiver, sent } = start(5)
  await receiver.send(accept)
  const end = await receiver.receiveUntil('end')
  await receiver.send(saved({ ...end, crc32: end.crc32 === '00000000' ? '00000001' : '00000000' }))
  assert.deepEqual(await sent, { code: 'corrupt' })
  assert.deepEqual(await receiver.receiveUntil('error'), { type: 'error', code: 'corrupt' })
})

test('a saved message with another SHA-256 ends as corrupt', async () => {
  const { receiver, sent } = start(5)
  await receiver.send(accept)
  const end = await receiver.receiveUntil('end')
  await receiver.send(saved({ ...end, sha256: '0'.repeat(64) }))
  assert.deepEqual(await sent, { code: 'corrupt' })
})

test('a receiver that leaves after the last byte without saved is an interruption', async () => {
  const { receiver, sent } = start(5)
  await receiver.send(accept)
  await receiver.receiveUntil('end')
  await receiver.link.close()
  assert.equal((await sent).code, 'interrupted')
})

const sha256 = '0'.repeat(64)
const strange: [string, Uint8Array[]][] = [
  ['claims to have saved what was not sent', [saved({ crc32: '00000000', sha256 })]],
  ['credits more than was sent', [encodeReceived(2 * MAX_CHUNK_BYTES)]],
  ['takes credit back', [encodeReceived(5), encodeReceived(4)]],
  ['asks again for what was not sent', [encodeAgain(0, 2 * MAX_CHUNK_BYTES)]],
  ['asks again for the middle of a chunk', [encodeAgain(0, 5)]],
  ['asks again for what it has credited', [encodeReceived(MAX_CHUNK_BYTES), encodeAgain(0, 0)]],
  ['asks again for another file', [encodeAgain(1, 0)]],
  ['asks for an offset of 2^53', [Uint8Array.of(7, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0)]],
  ['accepts twice', [accept]],
  ['sends a file of its own', [encodeChunk({ entry: 0, offset: 0, crc32: 0, bytes: new Uint8Array(1) })]],
  ['makes an offer', [encodeOffer({ transfer: '0'.repeat(32), entries: [entry()], files: 1, bytes: 1 })]],
  ['sends hello', [encodeHello({ version: 1, capabilities: [], agent: 'a' })]],
  ['sends bye early', [encodeBye()]],
  ['talks nonsense', [Uint8Array.of(99)]],
]

for (const [what, messages] of strange) {
  test(`a receiver that ${what} breaks the protocol and is told so`, async () => {
    const { receiver, ended } = await endingAfter(...messages)
    assert.equal(ended.code, 'broken_protocol')
    assert.deepEqual(await receiver.receiveUntil('error'), { type: 'error', code: 'broken_protocol' })
  })
}

test('a receiver that claims to hold part of the file breaks the protocol, as resuming was not agreed', async () => {
  for (const have of [[1], [0, 0]]) {
    const { receiver, sent } = start()
    await receiver.send(encodeAccept({ window: WINDOW, have }))
    assert.equal((await sent).code, 'broken_protocol')
  }
})

test('a receiver that asks for one chunk three times ends both sides as corrupt', async () => {
  const { receiver, sent } = start()
  await receiver.send(accept)
  for (let time = 1; time <= 3; time++) {
    assert.equal((await receiver.receiveUntil('chunk')).offset, 0)
    await receiver.send(encodeAgain(0, 0))
  }
  assert.deepEqual(await sent, { code: 'corrupt' })
  assert.deepEqual(await receiver.receiveUntil('error'), { type: 'error', code: 'corrupt' })
})

test('a receiver that requests an offset before its last request breaks the protocol', async () => {
  const { receiver, sent } = start()
  await receiver.send(encodeAccept({ window: 10 * WINDOW, have: [0] }))
  for (const offset of [0, MAX_CHUNK_BYTES])
    assert.equal((await receiver.receiveUntil('chunk')).offset, offset)
  await receiver.send(encodeAgain(0, MAX_CHUNK_BYTES), encodeAgain(0, 0))
  assert.equal((await sent).code, 'broken_protocol')
})

test('a sender ends with the failure that the receiver reports', async () => {
  const { receiver, ended } = await endingAfter(encodeError('disk_full'))
  assert.deepEqual(ended, { code: 'disk_full', detail: 'at the other side' })
  for (let frame = await receiver.receive(); frame; frame = await receiver.receive()) {
    assert.notEqual(frame.type, 'error', 'who reported the failure need not be told')
  }
})

test('a receiver that reports an unknown failure breaks the protocol', async () => {
  const code = '\u001b[2Jgone'
  const { ended } = await endingAfter(
    Uint8Array.of(10, ...new TextEncoder().encode(JSON.stringify({ code }))),
  )
  assert.deepEqual(ended, { code: 'broken_protocol', detail: 'malformed error' })
})

function entry(): OfferedEntry {
  return { path: 'a', kind: 'file', size: 1, mtime_ms: 0 }
}
