/** Transfers in which nothing moves although both programs run, and receivers that ask for too much again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import { receiveFile } from '../../../peer/transfer/receive-file.ts'
import { sendFile } from '../../../peer/transfer/send-file.ts'
import {
  encodeAgain,
  encodeChunk,
  encodeReceived,
  MAX_CHUNK_BYTES,
} from '../../../protocol/transfer/data-frames.ts'
import { encodeAccept, encodeOffer } from '../../../protocol/transfer/opening-frames.ts'
import { VirtualClock } from '../../support/clock.ts'
import { linkPair } from '../../support/peer/link-pair.ts'
import { MemoryDestination, memorySource } from '../../support/peer/memory-files.ts'
import { acceptAll, ending, ScriptedPeer, sideOf, transfer } from '../../support/peer/transfers.ts'

const MIB = 1024 * 1024
const WINDOW = 16 * MIB
const accept = encodeAccept({ window: WINDOW, have: [0] })

/** A sender of `size` bytes and a scripted receiver that has accepted. */
async function sending(size: number) {
  const [{ a, b }, clock, source] = [linkPair(), new VirtualClock(), memorySource(size)]
  const progress: number[] = []
  const side = sideOf(clock, (bytes) => progress.push(bytes))
  const sent = ending(sendFile(a, source, side))
  const receiver = new ScriptedPeer(b)
  await receiver.receiveUntil('offer')
  return { clock, source, sent, receiver, progress }
}

/** A receiver and a scripted sender that has offered `size` bytes. */
async function receiving(size: number, destination = new MemoryDestination()) {
  const [{ a, b }, clock] = [linkPair(), new VirtualClock()]
  const received = ending(receiveFile(b, destination, acceptAll, sideOf(clock)))
  const sender = new ScriptedPeer(a)
  async function offer(): Promise<void> {
    const entries = [{ path: 'a', kind: 'file' as const, size, mtime_ms: 0 }]
    await sender.send(encodeOffer({ transfer: '0'.repeat(32), entries, files: 1, bytes: size }))
    await sender.receiveUntil('accept')
  }
  return { clock, received, sender, offer, destination }
}

function chunk(offset: number, damaged = false) {
  const bytes = new Uint8Array(MAX_CHUNK_BYTES)
  return encodeChunk({ entry: 0, offset, crc32: crc32(bytes) ^ (damaged ? 1 : 0), bytes })
}

test('a receiver that takes nothing for a minute is given up, and both sides are told', async () => {
  const { clock, sent, receiver } = await sending(3 * MIB)
  await receiver.send(accept)
  await receiver.receiveUntil('end')
  await clock.advance(55_000)
  await receiver.send(encodeReceived(MIB))
  await clock.advance(60_000)
  const detail = 'no byte moved for 60 s: the other side took none'
  await clock.advance(10_000)
  assert.deepEqual(await sent, { code: 'interrupted', detail })
  assert.deepEqual(await receiver.receiveUntil('error'), { type: 'error', code: 'interrupted' })
  assert.equal(clock.pending, 0)
})

test('a receiver that says the same again and again has nothing reported again', async () => {
  const { sent, receiver, progress } = await sending(2 * MIB)
  await receiver.send(accept)
  await receiver.receiveUntil('end')
  for (const bytes of [0, MIB, 2 * MIB])
    await receiver.send(...Array.from({ length: 300 }, () => encodeReceived(bytes)))
  await receiver.link.close()
  assert.equal((await sent).code, 'interrupted')
  assert.deepEqual(progress, [0, MIB, 2 * MIB])
})

test('a sender that sends nothing for a minute is given up', async () => {
  const { clock, sender, received, offer, destination } = await receiving(3 * MIB)
  await offer()
  await sender.send(chunk(0))
  await clock.advance(70_000)
  assert.deepEqual(await received, {
    code: 'interrupted',
    detail: 'no byte moved for 60 s: the other side sent none',
  })
  assert.equal(destination.discarded, 1)
  assert.equal(clock.pending, 0)
})

test('a source that gives nothing for a minute, and a disk that takes nothing, are named', async () => {
  const stuck = new Promise<never>(() => {})
  const slow = await sending(3 * MIB)
  slow.source.read = () => stuck
  await slow.receiver.send(accept)
  await slow.clock.advance(65_000)
  assert.deepEqual(await slow.sent, {
    code: 'interrupted',
    detail: 'no byte moved for 60 s: the file of this side gave none',
  })
  const destination = new MemoryDestination()
  destination.beforeWrite = () => stuck
  const full = await receiving(3 * MIB, destination)
  await full.offer()
  for (let at = 0; at < 20; at++) await full.sender.send(chunk(at * MAX_CHUNK_BYTES))
  await full.clock.advance(65_000)
  assert.deepEqual(await full.received, {
    code: 'interrupted',
    detail: 'no byte moved for 60 s: the disk of this side took none',
  })
})

test('a path on which a chunk takes most of a minute is slow, not stalled: the receiver repeats its credit', async () => {
  const { clock, sender, received, offer } = await receiving(12 * MAX_CHUNK_BYTES)
  await offer()
  for (let at = 0; at < 12; at++) {
    // oxlint-disable no-await-in-loop -- one chunk after the other
    await clock.advance(50_000)
    await sender.send(chunk(at * MAX_CHUNK_BYTES))
    // oxlint-enable no-await-in-loop
  }
  for (let signs = 0; signs < 10; signs++) assert.equal((await sender.receiveUntil('received')).bytes, 0)
  await sender.link.close()
  assert.equal((await received).code, 'interrupted')
  const slow = await sending(3 * MIB)
  await slow.receiver.send(accept)
  await slow.receiver.receiveUntil('end')
  for (let sign = 0; sign < 40; sign++) {
    // oxlint-disable no-await-in-loop -- one sign after the other
    await slow.receiver.send(encodeReceived(0))
    await slow.clock.advance(15_000)
    // oxlint-enable no-await-in-loop
  }
  await slow.receiver.link.close()
  assert.deepEqual(await slow.sent, {
    code: 'interrupted',
    detail: 'the other side closed the connection',
  })
})

test('a file that takes ten minutes to be synced and published arrives, and the sender waits', async () => {
  const [links, clock, destination] = [linkPair(), new VirtualClock(), new MemoryDestination()]
  const create = destination.create.bind(destination)
  destination.create = async (entry) => {
    const part = await create(entry)
    return {
      ...part,
      publish: () => new Promise((resolve) => clock.after(600_000, () => resolve(part.publish()))),
    }
  }
  const both = transfer({ links, source: memorySource(2 * MIB), destination, clock })
  await clock.advance(700_000)
  const { sender, receiver } = await both
  assert.deepEqual([sender.code, receiver.code], [undefined, undefined])
  assert.equal(clock.pending, 0)
})

test('a receiver that only repeats its credit is given up after half an hour', async () => {
  const { clock, sent, receiver } = await sending(3 * MIB)
  await receiver.send(accept)
  for (let sign = 0; sign < 121; sign++) {
    // oxlint-disable no-await-in-loop -- one sign after the other
    await receiver.send(encodeReceived(0))
    await clock.advance(15_000)
    // oxlint-enable no-await-in-loop
  }
  await receiver.send(encodeReceived(0))
  await clock.advance(50_000)
  assert.equal((await sent).code, 'interrupted')
})

test('an offer waits an hour for a person, and a receiver ten minutes for the offer', async () => {
  const offered = await sending(1)
  await offered.clock.advance(3_595_000)
  await offered.receiver.send(accept)
  await offered.receiver.receiveUntil('end')
  const left = await sending(1)
  await left.clock.advance(3_600_000)
  assert.deepEqual(await left.sent, {
    code: 'interrupted',
    detail: 'the offer was not answered within an hour',
  })
  const waiting = await receiving(1)
  await waiting.clock.advance(600_000)
  assert.equal((await waiting.received).code, 'interrupted')
  assert.equal(waiting.destination.offered.length, 0)
})

test('a machine that slept in the middle of a transfer does not take that for a stall', async () => {
  const { clock, sent, receiver } = await sending(3 * MIB)
  await receiver.send(accept)
  await receiver.receiveUntil('end')
  await clock.sleepThrough(3_600_000)
  await receiver.send(encodeReceived(3 * MIB))
  let isOver = false
  void sent.then(() => (isOver = true))
  await clock.advance(50_000)
  assert.equal(isOver, false)
})

test('a receiver may ask for as much again as the file has, and one window: then both sides are told that it is corrupt', async () => {
  const size = 16 * MIB
  const { sent, receiver } = await sending(size)
  await receiver.send(accept)
  let chunkBytes = 0
  let asked = 0
  for (
    let frame = await receiver.receive();
    frame && frame.type !== 'error';
    frame = await receiver.receive()
  ) {
    if (frame.type === 'chunk') chunkBytes += frame.bytes.length
    // The same offset may be asked for twice.
    if (frame.type === 'end') await receiver.send(encodeAgain(0, Math.floor(asked++ / 2) * MAX_CHUNK_BYTES))
  }
  assert.deepEqual(await sent, { code: 'corrupt' })
  assert.equal(asked, 3)
  assert.equal(chunkBytes, 3 * size)
})

test('a sender whose chunks arrive damaged or out of order is given up within the same budget', async () => {
  const { sender, received, offer } = await receiving(2 * MIB)
  await offer()
  // What was in flight when the damage was noticed, almost a window each time.
  const late = Array.from({ length: 250 }, () => chunk(MAX_CHUNK_BYTES * 20))
  await sender.send(chunk(0, true), ...late, chunk(0))
  assert.equal((await sender.receiveUntil('again')).offset, 0)
  await sender.send(chunk(MAX_CHUNK_BYTES, true), ...late)
  assert.deepEqual(await received, { code: 'corrupt' })
})
