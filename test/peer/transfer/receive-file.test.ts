/** The receiver against senders that break the protocol: they are refused before a byte is written, or nothing is kept. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import { receiveFile } from '../../../peer/transfer/receive-file.ts'
import { VoltdropError } from '../../../protocol/errors.ts'
import { formatCrc32 } from '../../../protocol/crc32.ts'
import { MAX_CHUNK_BYTES, encodeChunk } from '../../../protocol/transfer/data-frames.ts'
import type { ChunkBody } from '../../../protocol/transfer/data-frames.ts'
import { encodeOffer } from '../../../protocol/transfer/opening-frames.ts'
import type { OfferedEntry } from '../../../protocol/transfer/opening-frames.ts'
import { encodeBye, encodeEnd } from '../../../protocol/transfer/closing-frames.ts'
import type { EndBody } from '../../../protocol/transfer/closing-frames.ts'
import { VirtualClock } from '../../support/clock.ts'
import { linkPair } from '../../support/peer/link-pair.ts'
import { MemoryDestination } from '../../support/peer/memory-files.ts'
import { ScriptedPeer, acceptAll, ending, sideOf } from '../../support/peer/transfers.ts'

const content = Buffer.alloc(2 * MAX_CHUNK_BYTES + 100, 'cell')
const transferId = '0'.repeat(32)

function start() {
  const pair = linkPair()
  pair.aToB.capacity = Number.POSITIVE_INFINITY
  const destination = new MemoryDestination()
  const received = ending(receiveFile(pair.b, destination, acceptAll, sideOf(new VirtualClock())))
  return { sender: new ScriptedPeer(pair.a), destination, received, unread: () => pair.aToB.unread }
}

function offerOf(...entries: Partial<OfferedEntry>[]): Uint8Array {
  const complete = entries.map((entry) => ({
    path: 'a.csv',
    kind: 'file' as const,
    size: content.length,
    mtime_ms: 0,
    ...entry,
  }))
  const bytes = complete.reduce((sum, entry) => sum + entry.size, 0)
  return encodeOffer({ transfer: transferId, entries: complete, files: complete.length, bytes })
}

function chunkAt(offset: number, length = MAX_CHUNK_BYTES, changes: Partial<ChunkBody> = {}): Uint8Array {
  const bytes = content.subarray(offset, offset + length)
  return encodeChunk({ entry: 0, offset, crc32: crc32(bytes), bytes, ...changes })
}

function endOf(bytes: Uint8Array, changes: Partial<EndBody> = {}): Uint8Array {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return encodeEnd({
    entry: 0,
    size: bytes.length,
    crc32: formatCrc32(crc32(bytes)),
    sha256,
    ...changes,
  })
}

const wholeFile = [chunkAt(0), chunkAt(MAX_CHUNK_BYTES), chunkAt(2 * MAX_CHUNK_BYTES)]

/** How the receiver ends after `messages`. It must report the same code to the sender. */
async function endingAfter(...messages: Uint8Array[]) {
  const { sender, destination, received } = start()
  await sender.send(...messages)
  const told = await sender.receiveUntil(messages.length === 1 ? 'decline' : 'error')
  const { code } = await received
  assert.equal(told.type === 'decline' ? told.reason : told.code, code)
  assert.equal(destination.published.size, 0)
  return { code, destination }
}

test('a correct transfer, message by message: credit, sums and a proper end', async () => {
  const { sender, destination, received } = start()
  await sender.send(offerOf({}))
  assert.deepEqual(await sender.receive(), { type: 'accept', window: 16_777_216, have: [0] })
  await sender.send(...wholeFile, endOf(content))
  assert.deepEqual(await sender.receive(), { type: 'received', bytes: content.length })
  const sha256 = createHash('sha256').update(content).digest('hex')
  assert.deepEqual(await sender.receive(), {
    type: 'saved',
    entry: 0,
    crc32: formatCrc32(crc32(content)),
    sha256,
  })
  assert.deepEqual([...destination.published], [['a.csv', content]])
  await sender.send(encodeBye())
  assert.equal(await sender.receive(), undefined)
  const ended = await received
  assert.equal(ended.code === undefined && ended.value.confirmed, true)
})

const names = [
  '../a',
  '/etc/passwd',
  '.bashrc',
  'a/b',
  'a\\b',
  'C:x',
  'NUL',
  'a\nb',
  '\u001b[2J',
  'x\u202egpj.exe',
  '~',
  '-rf',
]

test('a name of its own from which the offered one does not follow is declined', async () => {
  for (const own_name of ['evil.exe', 'a.csv.exe', '.b.csv', '\u202ea.csv']) {
    // oxlint-disable-next-line no-await-in-loop -- one offer after the other
    const { code, destination } = await endingAfter(offerOf({ own_name }))
    assert.equal(code, 'bad_offer')
    assert.equal(destination.offered.length, 0)
  }
})

for (const path of names) {
  test(`the name ${JSON.stringify(path)} is declined before anything is created`, async () => {
    const { code, destination } = await endingAfter(offerOf({ path }))
    assert.equal(code, 'bad_offer')
    assert.equal(destination.offered.length, 0)
  })
}

for (const size of ['9007199254740992', '-1', '1e308', '0.5', '"10"', 'null', '[]']) {
  test(`the size ${size} is declined before anything is created`, async () => {
    const json = new TextDecoder()
      .decode(offerOf({ size: 7 }))
      .replaceAll(/"(size|bytes)":7/g, `"$1":${size}`)
    const { code, destination } = await endingAfter(new TextEncoder().encode(json))
    assert.equal(code, 'bad_offer')
    assert.equal(destination.offered.length, 0)
  })
}

test('the size NaN is declined before anything is created', async () => {
  const json = new TextDecoder().decode(offerOf({ size: 7 })).replace('"size":7', '"size":NaN')
  assert.equal((await endingAfter(new TextEncoder().encode(json))).code, 'broken_protocol')
})

test('totals that contradict the entries are declined', async () => {
  const json = new TextDecoder().decode(offerOf({ size: 7 })).replace('"bytes":7', '"bytes":6')
  assert.equal((await endingAfter(new TextEncoder().encode(json))).code, 'bad_offer')
})

test('more than one file is declined by this version', async () => {
  assert.equal((await endingAfter(offerOf({}, { path: 'b.csv' }))).code, 'bad_offer')
})

test('a sender that does not begin with an offer is declined', async () => {
  for (const message of [chunkAt(0), endOf(content), encodeBye(), Uint8Array.of(0)]) {
    assert.equal((await endingAfter(message)).code, 'broken_protocol')
  }
})

const big = 2 * MAX_CHUNK_BYTES
const violations: [string, string, Uint8Array[]][] = [
  [
    'sends a byte more than offered',
    'broken_protocol',
    [...wholeFile, chunkAt(0, 1, { offset: content.length })],
  ],
  ['ends before the size offered', 'broken_protocol', [chunkAt(0), endOf(content)]],
  ['ends with a smaller size', 'broken_protocol', [chunkAt(0), endOf(content.subarray(0, MAX_CHUNK_BYTES))]],
  [
    'ends with a larger size',
    'broken_protocol',
    [...wholeFile, endOf(content, { size: content.length + 1 })],
  ],
  ['ends another file', 'broken_protocol', [...wholeFile, endOf(content, { entry: 1 })]],
  ['leaves a gap', 'broken_protocol', [chunkAt(0), chunkAt(big)]],
  ['repeats a chunk', 'broken_protocol', [chunkAt(0), chunkAt(0)]],
  ['writes far outside', 'broken_protocol', [chunkAt(0, 1, { offset: Number.MAX_SAFE_INTEGER })]],
  ['writes to another file', 'broken_protocol', [chunkAt(0, 10, { entry: 1 })]],
  ['offers again', 'broken_protocol', [offerOf({})]],
  ['sends bye before the end', 'broken_protocol', [chunkAt(0), encodeBye()]],
  ['names another CRC-32', 'corrupt', [...wholeFile, endOf(content, { crc32: '00000000' })]],
  ['names another SHA-256', 'corrupt', [...wholeFile, endOf(content, { sha256: '0'.repeat(64) })]],
]

for (const [what, expected, messages] of violations) {
  test(`a sender that ${what} ends as ${expected}, and the part file is removed`, async () => {
    const { code, destination } = await endingAfter(offerOf({}), ...messages)
    assert.equal(code, expected)
    assert.equal(destination.discarded, 1)
  })
}

test('after a damaged chunk, chunks are dropped until the requested one arrives', async () => {
  const { sender, destination, received } = start()
  const bad = chunkAt(MAX_CHUNK_BYTES, MAX_CHUNK_BYTES, { crc32: 0 })
  await sender.send(offerOf({}), chunkAt(0), bad, chunkAt(big), endOf(content))
  assert.deepEqual(await sender.receiveUntil('again'), { type: 'again', entry: 0, offset: MAX_CHUNK_BYTES })
  await sender.send(chunkAt(MAX_CHUNK_BYTES), chunkAt(big), endOf(content))
  await sender.receiveUntil('saved')
  await sender.link.close()
  assert.equal((await received).code, undefined)
  assert.deepEqual(destination.published.get('a.csv'), content)
})

test('a sender that ignores a request to go back for a whole window breaks the protocol', async () => {
  const bad = chunkAt(0, MAX_CHUNK_BYTES, { crc32: 0 })
  const more = Array.from({ length: 261 }, () => chunkAt(MAX_CHUNK_BYTES))
  assert.equal((await endingAfter(offerOf({}), bad, ...more)).code, 'broken_protocol')
})

test('a sender that ignores the window is not read from while the disk is behind', async () => {
  const { sender, destination, unread } = start()
  const disk = Promise.withResolvers<void>()
  destination.beforeWrite = () => disk.promise
  const chunks = Array.from({ length: 400 }, (_, index) => {
    return chunkAt(0, MAX_CHUNK_BYTES, { offset: index * MAX_CHUNK_BYTES })
  })
  await sender.send(offerOf({ size: 400 * MAX_CHUNK_BYTES }), ...chunks)
  for (let turn = 0; turn < 1000; turn++) await new Promise(setImmediate)
  assert.ok(unread() > 300, `${unread()} chunks of 400 wait in the link`)
  disk.resolve()
  assert.equal((await sender.receiveUntil('received')).bytes, 1024 * 1024)
  await sender.link.close()
})

test('a disk that fails while the sender is silent is reported at once', async () => {
  const { sender, destination, received } = start()
  destination.beforeWrite = () => Promise.reject(new VoltdropError('not_writable'))
  const many = Array.from({ length: 20 }, (_, index) => {
    return chunkAt(0, MAX_CHUNK_BYTES, { offset: index * MAX_CHUNK_BYTES })
  })
  await sender.send(offerOf({ size: 100 * MAX_CHUNK_BYTES }), ...many)
  assert.deepEqual(await sender.receiveUntil('error'), { type: 'error', code: 'not_writable' })
  assert.equal((await received).code, 'not_writable')
})

test('a sender that ends the link without a message leaves no file behind', async () => {
  const { sender, destination, received } = start()
  await sender.send(offerOf({}), ...wholeFile)
  await sender.link.close()
  assert.equal((await received).code, 'interrupted')
  assert.deepEqual([destination.published.size, destination.discarded], [0, 1])
})
