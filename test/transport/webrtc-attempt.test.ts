import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import test from 'node:test'
import { makeStartAttempt } from '../../transport/webrtc-attempt.ts'
import { TransportError } from '../../transport/transport-error.ts'
import { openPair, pattern, receiveAll, sendAll, startPair, watchSends } from './attempt-pair.ts'
import { messagesOf } from '../support/messages-of.ts'

const fast = makeStartAttempt({ transport: 'fast' })
const werift = makeStartAttempt({ transport: 'werift' })

test('no packet is sent to a server that was not named, by either side', async (t) => {
  const ports = new Set<number>()
  const targets = new Set<number>()
  watchSends(t, (socket, _datagram, port) => {
    targets.add(Number(port))
    ports.add(socket.address().port)
  })
  await openPair(t, fast, fast)
  assert.ok(targets.size > 0)
  for (const target of targets) assert.ok(ports.has(target), `a datagram went to port ${target}`)
})

for (const [name, startOffering, startAnswering] of [
  ['fast to fast', fast, fast],
  ['werift to werift', werift, werift],
  ['fast to werift', fast, werift],
  ['werift to fast', werift, fast],
] as const) {
  test(`${name}: a channel opens without ICE servers and carries 64 KiB messages both ways at once`, async (t) => {
    const { offering, answering } = await openPair(t, startOffering, startAnswering)
    const [sent, received, sentBack, receivedBack] = await Promise.all([
      sendAll(offering.channel, 12, 65_536),
      receiveAll(messagesOf(answering.channel), 12),
      sendAll(answering.channel, 8, 65_536),
      receiveAll(messagesOf(offering.channel), 8),
    ])
    assert.equal(received, sent)
    assert.equal(receivedBack, sentBack)
    const path = offering.path()
    assert.deepEqual([path.kind, path.protocol], ['direct', 'udp'])
    assert.ok((path.roundTripMs ?? -1) > 0)
  })

  test(`${name}: messages sent right before close still arrive, then both sides have ended`, async (t) => {
    const { offering, answering } = await openPair(t, startOffering, startAnswering)
    for (let index = 0; index < 8; index++) await offering.channel.send(pattern(40_000, index))
    offering.channel.close()
    offering.channel.close()
    const seen: number[] = []
    for await (const message of messagesOf(answering.channel)) seen.push(message.length)
    assert.deepEqual(
      seen,
      Array.from({ length: 8 }, () => 40_000),
    )
    await assert.rejects(answering.channel.send(pattern(1, 1)), { code: 'interrupted' })
    await assert.rejects(offering.channel.send(pattern(1, 1)), { code: 'interrupted' })
    answering.channel.close()
  })
}

test('the sender waits while its peer does not read, and the peer then reads all of 40 MiB', async (t) => {
  const { offering, answering } = await openPair(t, fast, fast)
  function numbered(index: number) {
    const message = Buffer.alloc(65_536, index & 0xff)
    message.writeUInt32BE(index, 65_000)
    return message
  }
  let sent = 0
  const sending = (async () => {
    for (; sent < 640; sent++) await offering.channel.send(numbered(sent))
  })()
  // Without progress over many turns of the event loop the windows of both sides are full.
  for (let calm = 0, last = -1; calm < 100; last = sent) {
    calm = last === sent && sent > 0 ? calm + 1 : 0
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  assert.ok(sent < 400, `${sent} messages of 64 KiB were sent without a reader`)
  let index = 0
  for await (const message of messagesOf(answering.channel)) {
    assert.ok(numbered(index).equals(message), `message ${index}`)
    if (++index === 640) break
  }
  await sending
})

test('an attempt limited to relays without a complete TURN entry is refused before anything is gathered', async () => {
  const candidates: unknown[] = []
  const attempt = fast({
    iceServers: [{ urls: ['turn:127.0.0.1:3478'] }],
    relayOnly: true,
    onCandidate: (candidate) => candidates.push(candidate),
  })
  await assert.rejects(attempt.offer(), { code: 'no_path' })
  await assert.rejects(attempt.opened, { code: 'no_path' })
  assert.deepEqual(candidates, [])
})

test('an attempt that is closed before it opens rejects, at every stage', async (t) => {
  const { a, b } = startPair(t, fast, fast)
  b.close()
  await assert.rejects(b.opened, TransportError)
  await a.offer()
  a.close()
  await assert.rejects(a.opened, { code: 'no_path' })
})

test('a session description without a data channel is refused', async (t) => {
  const { a, b } = startPair(t, fast, fast)
  await a.offer()
  await assert.rejects(a.accept('v=0\r\nnonsense'), { code: 'broken_protocol' })
  await assert.rejects(b.answer('x'.repeat(20_000)), { code: 'broken_protocol' })
})

test('a description that werift cannot use is the peer’s fault, and not an internal one', async (t) => {
  const { a, b } = startPair(t, fast, fast)
  const offer = await a.offer()
  const refused = { name: 'TransportError', code: 'broken_protocol' }
  for (const line of [/^a=sctp-port.*$/m, /^a=mid:.*$/m]) {
    const { b: answering } = startPair(t, fast, fast)
    // oxlint-disable-next-line no-await-in-loop -- one description after the other
    await assert.rejects(answering.answer(offer.replace(line, '')), refused, `without ${line}`)
  }
  const answer = await b.answer(offer)
  await assert.rejects(a.accept(answer.replace(/^a=sctp-port.*$/m, '')), refused)
})

test('malformed candidates are ignored', async (t) => {
  const { a, b } = startPair(t, fast, fast)
  for (const candidate of [
    '',
    'candidate:',
    'candidate:1 1 udp 1 999.1.1.1 70000 typ host',
    'x'.repeat(9_999),
  ]) {
    a.addCandidate({ candidate, sdpMid: '0', sdpMLineIndex: 0 })
    b.addCandidate({ candidate, sdpMid: '7', sdpMLineIndex: 7 })
  }
  await a.accept(await b.answer(await a.offer()))
  await Promise.all([a.opened, b.opened])
})

for (const transport of ['fast', 'werift']) {
  test(`a process exits by itself once its attempts are closed, over ${transport}`, async () => {
    const child = spawn(
      process.execPath,
      [new URL('open-and-close.ts', import.meta.url).pathname, transport],
      {
        stdio: ['ignore', 'inherit', 'inherit'],
      },
    )
    const [code] = await once(child, 'exit')
    assert.equal(code, 0)
  })
}
