/** A link in normal use: messages, heartbeat, slow readers, closing, aborting, and channels that break. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VoltdropError } from '../../../protocol/errors.ts'
import { nodeCiphers, webCiphers } from '../../support/peer/aead.ts'
import { dropAll } from '../../support/peer/channel-pair.ts'
import type { ChannelPair } from '../../support/peer/channel-pair.ts'
import { settled } from '../../support/clock.ts'
import { bytes, linkPair, readAll, sendAll } from '../../support/peer/sealed-links.ts'
import type { LinkPair } from '../../support/peer/sealed-links.ts'

/** Resolves once `isDone`; an asynchronous cipher takes turns of the event loop. */
async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await new Promise((resolve) => setImmediate(resolve))
}

test('messages arrive in order and unchanged in both directions until the link ends', async () => {
  const { a, b, clock } = linkPair()
  const [atA, atB] = [readAll(a), readAll(b)]
  await sendAll(a, 3)
  await b.send(new Uint8Array(0))
  await settled()
  await Promise.all([a.close(), b.close()])
  assert.deepEqual(await atB, { messages: ['message 0', 'message 1', 'message 2'], ended: 'properly' })
  assert.deepEqual(await atA, { messages: [''], ended: 'properly' })
  assert.equal(clock.pending, 0)
})

test('a channel that closes or fails without an end record is an interruption after the messages that arrived', async () => {
  for (const end of [(pair: ChannelPair) => pair.a.close(), (pair: ChannelPair) => pair.fail()]) {
    const { a, b, pair, clock } = linkPair()
    await sendAll(a, 2)
    end(pair)
    assert.deepEqual(await readAll(b), { messages: ['message 0', 'message 1'], ended: 'interrupted' })
    await settled()
    await assert.rejects(a.send(bytes('more')), { code: 'interrupted' })
    assert.equal(clock.pending, 0)
  }
})

test('the heartbeat keeps an idle link alive', async () => {
  const { a, b, pair, clock } = linkPair()
  const received = readAll(b)
  await clock.advance(60_000)
  assert.ok(pair.aToB.sent >= 29 && pair.bToA.sent >= 29, 'pings went both ways')
  await a.send(bytes('still here'))
  await settled()
  await Promise.all([a.close(), b.close()])
  assert.deepEqual(await received, { messages: ['still here'], ended: 'properly' })
})

test('ten seconds of silence end the link on both sides', async () => {
  const { a, b, pair, clock } = linkPair()
  const [atA, atB] = [readAll(a), readAll(b)]
  pair.cut()
  await clock.advance(9_999)
  await a.send(bytes('into the dark'))
  await clock.advance(1)
  assert.equal((await atA).ended, 'interrupted')
  assert.equal((await atB).ended, 'interrupted')
  await assert.rejects(a.send(bytes('more')), { code: 'interrupted' })
  assert.equal(clock.pending, 0)
})

test('a machine that slept does not treat its own sleep as silence of the peer', async () => {
  const { a, b, clock } = linkPair()
  const received = readAll(b)
  await clock.sleepThrough(3_600_000)
  await a.send(bytes('good morning'))
  await settled()
  await Promise.all([a.close(), b.close()])
  assert.deepEqual(await received, { messages: ['good morning'], ended: 'properly' })
})

test('a slow reader slows the sender down and does not end the link', async () => {
  const { a, b, pair, clock } = linkPair()
  pair.aToB.capacity = 20
  let sent = 0
  const sending = (async () => {
    for (; sent < 60; sent++) await a.send(bytes(`message ${sent}`))
  })()
  await clock.advance(120_000)
  assert.ok(sent < 40, `${sent} messages were sent to a reader that took none`)
  const received = readAll(b)
  await sending
  await settled()
  await Promise.all([a.close(), b.close()])
  assert.equal((await received).messages.length, 60)
})

test('messages are consumed when they are read or dropped, and control records at once', async () => {
  for (const ciphers of [nodeCiphers, webCiphers]) {
    const { a, b, pair, clock } = linkPair(ciphers)
    const { aToB } = pair
    await clock.advance(2_000)
    await until(() => aToB.sent > 0 && aToB.unread === 0) // after a ping
    assert.equal(aToB.unreadBytes, 0)
    await Promise.all(['', 'one', 'two'].map((content) => a.send(bytes(content))))
    await until(() => aToB.unread === 3)
    const reader = b.messages[Symbol.asyncIterator]()
    await reader.next()
    await reader.next()
    await until(() => aToB.unread === 1)
    assert.equal(aToB.unreadBytes, 'two'.length + 17)
    const closing = b.close()
    await a.send(bytes('too late'))
    await until(() => aToB.unread === 0)
    assert.equal(aToB.unreadBytes, 0)
    await Promise.all([closing, a.close()])
  }
})

test('silence is noticed behind a few unread messages, and counts from when a slow reader has caught up', async () => {
  for (const [count, read, isNoticed] of [
    [3, 0, true],
    [30, 15, true],
    [30, 14, false],
  ] as const) {
    const { a, b, pair, clock } = linkPair()
    let gone = false
    void b.peerGone.then(() => (gone = true))
    await sendAll(a, count)
    await settled()
    pair.aToB.fault = dropAll
    if (read > 0) await clock.advance(60_000)
    assert.ok(!gone)
    const reader = b.messages[Symbol.asyncIterator]()
    for (let index = 0; index < read; index++) await reader.next()
    await clock.advance(9_999)
    assert.ok(!gone)
    await clock.advance(1)
    assert.equal(gone, isNoticed, `${read} of ${count} messages were read`)
    b.abort(new VoltdropError('cancelled'))
    a.abort(new VoltdropError('cancelled'))
  }
})

test('the end of the peer is noticed behind messages that are unread', async () => {
  const endings: ((links: LinkPair) => void)[] = [
    ({ a }) => void a.close(),
    ({ pair }) => pair.a.close(),
    ({ pair }) => pair.fail(),
  ]
  for (const [leave, count] of endings.flatMap((leave) => [[leave, 3] as const, [leave, 60] as const])) {
    const links = linkPair()
    const { a, b } = links
    let gone = false
    void b.peerGone.then(() => (gone = true))
    await sendAll(a, count)
    await settled()
    assert.ok(!gone)
    leave(links)
    await settled()
    assert.ok(gone)
    assert.equal((await readAll(b)).messages.length, count)
  }
})

test('closing delivers what was sent before, even to a reader that starts later', async () => {
  const { a, b, clock } = linkPair()
  await sendAll(a, 10)
  const closing = a.close()
  await settled()
  assert.equal((await readAll(b)).messages.length, 10)
  await b.close()
  await closing
  assert.equal(clock.pending, 0)
})

test('closing over a slow path waits until everything is delivered', async () => {
  const { a, b, pair, clock } = linkPair()
  pair.aToB.delayMs = pair.bToA.delayMs = 400
  const received = readAll(b)
  await sendAll(a, 3)
  const closing = a.close()
  await clock.advance(400)
  const answering = b.close()
  await clock.advance(400)
  await Promise.all([closing, answering])
  assert.deepEqual(await received, { messages: ['message 0', 'message 1', 'message 2'], ended: 'properly' })
  assert.equal(clock.pending, 0)
})

test('closing waits at most ten seconds for a peer that is alive but never ends', async () => {
  const { a, clock } = linkPair()
  let closed = false
  const closing = a.close().then(() => (closed = true))
  await clock.advance(9_999)
  assert.ok(!closed)
  await clock.advance(1)
  await closing
})

test('after closing, nothing is sent or received, and a second close returns the same promise', async () => {
  const { a, b } = linkPair()
  const closing = a.close()
  assert.equal(a.close(), closing)
  await assert.rejects(a.send(bytes('more')), { code: 'interrupted' })
  await b.send(bytes('too late'))
  await b.close()
  await closing
  assert.deepEqual(await readAll(a), { messages: [], ended: 'properly' })
})

test('aborting fails this side with the reason and interrupts the other side', async () => {
  const { a, b, clock } = linkPair()
  const [atA, atB] = [readAll(a), readAll(b)]
  a.abort(new VoltdropError('cancelled'))
  assert.equal((await atA).ended, 'cancelled')
  assert.equal((await atB).ended, 'interrupted')
  await assert.rejects(a.send(bytes('more')), { code: 'cancelled' })
  await a.close()
  assert.equal(clock.pending, 0)
})

test('a send that waits for room rejects when the link fails', async () => {
  const { a, b, pair, clock } = linkPair()
  pair.aToB.capacity = 1
  const waiting = Promise.all(Array.from({ length: 30 }, () => a.send(bytes('x'))))
  const rejected = assert.rejects(waiting, { code: 'cancelled' })
  a.abort(new VoltdropError('cancelled'))
  await rejected
  b.abort(new VoltdropError('cancelled'))
  assert.equal(clock.pending, 0)
})

test('messages stay in order with an asynchronous cipher', async () => {
  const { a, b } = linkPair(webCiphers)
  const received = readAll(b)
  await Promise.all(Array.from({ length: 50 }, (_, index) => a.send(bytes(`message ${index}`))))
  const closing = [a.close(), b.messages]
  const { messages, ended } = await received
  await b.close()
  await closing[0]
  assert.deepEqual(
    messages,
    Array.from({ length: 50 }, (_, index) => `message ${index}`),
  )
  assert.equal(ended, 'properly')
})
