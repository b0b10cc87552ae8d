/** A link over a channel that drops, changes, repeats, reorders and forges records: messages arrive as they were sent, or the link ends. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLink } from '../../../peer/link/link.ts'
import { VoltdropError } from '../../../protocol/errors.ts'
import { Sealer } from '../../../protocol/sealing.ts'
import { nodeAead, nodeCiphers } from '../../support/peer/aead.ts'
import { channelPair, drop, dropAll, flip, flipped, repeat, swap } from '../../support/peer/channel-pair.ts'
import type { Fault } from '../../support/peer/channel-pair.ts'
import { VirtualClock, settled } from '../../support/clock.ts'
import {
  bytes,
  keyAB,
  keyBA,
  linkPair,
  linksOver,
  readAll,
  sendAll,
} from '../../support/peer/sealed-links.ts'

test('the content of a message is not readable on the channel', async () => {
  const { a, pair } = linkPair()
  pair.aToB.recorded = []
  await a.send(bytes('canary-4711'))
  const wire = Buffer.concat(pair.aToB.recorded)
  assert.equal(wire.length, 'canary-4711'.length + 17)
  assert.ok(!wire.includes('canary') && !wire.includes('4711'))
  a.abort(new VoltdropError('cancelled'))
})

const interferences: Record<string, Fault> = {
  'a changed byte': flip(1, 5),
  'a changed type': flip(1, 0, 0b11),
  'a changed tag': flip(1, -1),
  'a repeated record': repeat(1),
  'a dropped record': drop(1),
  'reordered records': swap(1),
  'a truncated record': (record, index) => [index === 1 ? record.subarray(0, 10) : record],
  'an empty message': (record, index) => (index === 1 ? [new Uint8Array(0), record] : [record]),
  'an oversized record': (record, index) => (index === 1 ? [new Uint8Array(65_537), record] : [record]),
  'a record under another key': (record, index) =>
    index === 1 ? [new Sealer(nodeAead(keyBA)).seal(1, bytes('forged')) as Uint8Array] : [record],
}

for (const [name, fault] of Object.entries(interferences)) {
  test(`${name} ends the link as tampered, and nothing after it is delivered`, async () => {
    const { a, b, pair, clock } = linkPair()
    pair.aToB.fault = fault
    const received = readAll(b)
    await sendAll(a, 4).catch(() => {}) // it may have ended before the last one
    const { messages, ended } = await received
    const truth = name === 'a repeated record' ? ['message 0', 'message 1'] : ['message 0']
    assert.deepEqual({ messages, ended }, { messages: truth, ended: 'tampered' })
    await assert.rejects(b.send(bytes('more')), { code: 'tampered' })
    a.abort(new VoltdropError('cancelled'))
    assert.equal(clock.pending, 0)
  })
}

test('a record reflected to its sender ends the link', async () => {
  const { a, pair } = linkPair()
  pair.aToB.fault = (record) => {
    pair.bToA.arrive(record)
    return []
  }
  const received = readAll(a)
  await a.send(bytes('mine'))
  assert.deepEqual(await received, { messages: [], ended: 'tampered' })
})

test('records under the keys of another attempt are refused', async () => {
  const pair = channelPair()
  const clock = new VirtualClock()
  const a = openLink({
    channel: pair.a,
    keys: { send: keyAB, receive: keyBA },
    primitives: nodeCiphers,
    clock,
  })
  const other = new Uint8Array(32).fill(9)
  const b = openLink({
    channel: pair.b,
    keys: { send: keyBA, receive: other },
    primitives: nodeCiphers,
    clock,
  })
  await a.send(bytes('hello'))
  assert.deepEqual(await readAll(b), { messages: [], ended: 'tampered' })
})

test('records of unknown types, and control records with content, break the protocol', async () => {
  for (const [type, content] of [
    [0, ''],
    [5, ''],
    [2, 'x'],
    [3, 'x'],
    [4, 'x'],
  ] as const) {
    const pair = channelPair()
    const b = linksOver(pair, new VirtualClock()).b
    await pair.a.send(await new Sealer(nodeAead(keyAB)).seal(type, bytes(content)))
    assert.deepEqual(await readAll(b), { messages: [], ended: 'broken_protocol' }, `type ${type}`)
  }
})

test('a link does not end properly when the end record is dropped or forged', async () => {
  const { a, b, pair, clock } = linkPair()
  pair.aToB.fault = dropAll
  const received = readAll(b)
  const closing = a.close()
  await clock.advance(10_000)
  await closing
  assert.deepEqual(await received, { messages: [], ended: 'interrupted' })
  const forged = linkPair()
  forged.pair.aToB.arrive(flipped(new Uint8Array(17), 0, 4))
  assert.deepEqual(await readAll(forged.b), { messages: [], ended: 'tampered' })
})

test('a flood of pings does not queue up pongs', async () => {
  const pair = channelPair()
  const keys = { send: keyBA, receive: keyAB }
  const b = openLink({ channel: pair.b, keys, primitives: nodeCiphers, clock: new VirtualClock() })
  pair.bToA.capacity = 1
  const sealer = new Sealer(nodeAead(keyAB))
  for (let index = 0; index < 50; index++) await pair.a.send(await sealer.seal(2, new Uint8Array(0)))
  await settled()
  assert.equal(pair.bToA.sent, 1)
  b.abort(new VoltdropError('cancelled'))
})

test('a record after the end record stops the wait for the channel to close', async () => {
  const pair = channelPair()
  const keys = { send: keyBA, receive: keyAB }
  const b = openLink({ channel: pair.b, keys, primitives: nodeCiphers, clock: new VirtualClock() })
  const sealer = new Sealer(nodeAead(keyAB))
  for (const type of [4, 1]) await pair.a.send(await sealer.seal(type, new Uint8Array(0)))
  assert.deepEqual(await readAll(b), { messages: [], ended: 'properly' })
  await settled()
  await b.close()
})
