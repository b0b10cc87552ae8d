import assert from 'node:assert/strict'
import { createSocket, Socket } from 'node:dgram'
import { EventEmitter } from 'node:events'
import test, { type TestContext } from 'node:test'
import { makeStartAttempt, type TransportKind } from '../../transport/webrtc-attempt.ts'
import type { Candidate, StartAttempt } from '../../transport/contract.ts'
import { connectPair, openPair, receiveAll, sendAll, startPair } from './attempt-pair.ts'
import { fingerprintChain } from './ice/stun-bytes.ts'
import { messagesOf } from '../support/messages-of.ts'

/** Datagrams that end a session of unguarded werift: an unprotected close_notify, 14 bytes of an unknown type, a new ClientHello … */
const hostile = [
  '15fefd00000000000000000002' + '0100',
  '15fefd00010000000000000004' + '0100ffff',
  '63fefd0000000000000000000100',
  '16fefd0000000000000000001f' + '01000013000000000000001300fefd'.padEnd(62, '0'),
  '17fefd00010000000000ff001a' + '00'.repeat(26),
  '17fefd0001',
  '',
].map((hex) => Buffer.from(hex, 'hex'))

/** Collects the candidates that attempts of `start` gather. */
function collecting(start: StartAttempt, candidates: Candidate[]): StartAttempt {
  return (options) =>
    start({
      ...options,
      onCandidate(candidate) {
        candidates.push(candidate)
        options.onCandidate(candidate)
      },
    })
}

async function sendFromNewSocket(
  t: TestContext,
  candidates: Candidate[],
  datagrams: Buffer[],
): Promise<void> {
  const socket = createSocket('udp4')
  t.after(() => socket.close())
  for (const { candidate } of candidates) {
    const [, , , , host, port] = candidate.split(' ')
    if (!host || host.includes(':')) continue
    for (const datagram of datagrams) {
      await new Promise((resolve) => socket.send(datagram, Number(port), host, resolve))
    }
  }
}

for (const transport of ['fast', 'werift'] as const satisfies TransportKind[]) {
  test(`forged datagrams from other addresses change nothing on an open channel, over ${transport}`, async (t) => {
    const candidates: Candidate[] = []
    const start = collecting(makeStartAttempt({ transport }), candidates)
    const { offering, answering } = await openPair(t, start, start)
    const messages = messagesOf(answering.channel)
    for (let round = 0; round < 4; round++) {
      await sendFromNewSocket(t, candidates, hostile)
      const [sent, received] = await Promise.all([
        sendAll(offering.channel, 4, 65_536),
        receiveAll(messages, 4),
      ])
      assert.equal(received, sent)
    }
  })
}

test('what strangers send while two sides connect changes nothing', async (t) => {
  const start = makeStartAttempt({ transport: 'fast' })
  const socket = createSocket('udp4')
  const targets: { host: string; port: number }[] = []
  const attack = setInterval(() => {
    for (const { host, port } of targets) for (const datagram of hostile) socket.send(datagram, port, host)
  }, 1)
  t.after(() => {
    clearInterval(attack)
    socket.close()
  })
  const attacked: StartAttempt = (options) =>
    start({
      ...options,
      onCandidate(candidate) {
        const [, , , , host = '', port] = candidate.candidate.split(' ')
        if (!host.includes(':')) targets.push({ host, port: Number(port) })
        options.onCandidate(candidate)
      },
    })
  const attempts = startPair(t, attacked, attacked)
  const { offering, answering } = await connectPair(attempts)
  assert.ok(targets.length >= 2)
  await offering.channel.send(Buffer.from('hello'))
  assert.equal((await messagesOf(answering.channel).next()).value?.toString(), 'hello')
})

test('STUN messages from strangers are not taken apart, however they are made', async (t) => {
  const candidates: Candidate[] = []
  const start = collecting(makeStartAttempt({ transport: 'fast' }), candidates)
  const { offering, answering } = await openPair(t, start, start)
  const chains = [fingerprintChain(65_507), fingerprintChain(1_280)]
  const lengths = new Set(chains.map(({ length }) => length))
  let arrived = 0
  let copied = 0
  t.mock.method(Socket.prototype, 'emit', function (this: Socket, event: string, ...args: unknown[]) {
    if (event === 'message' && Buffer.isBuffer(args[0]) && lengths.has(args[0].length)) arrived++
    return EventEmitter.prototype.emit.call(this, event, ...args)
  })
  for (const method of ['slice', 'subarray'] as const) {
    const take: unknown = Reflect.get(Buffer.prototype, method)
    t.mock.method(Buffer.prototype, method, function (this: Buffer, ...args: unknown[]) {
      const part = Reflect.apply(take as () => Buffer, this, args)
      if (lengths.has(this.length)) copied += part.length
      return part
    })
  }
  await sendFromNewSocket(t, candidates, chains)
  const [sent, received] = await Promise.all([
    sendAll(offering.channel, 4, 65_536),
    receiveAll(messagesOf(answering.channel), 4),
  ])
  assert.equal(received, sent)
  assert.ok(arrived >= chains.length)
  assert.ok(copied <= arrived * 65_507, `${copied} bytes for ${arrived} datagrams`)
})

test('a connectivity check that is not signed with the ICE password gets no answer', async (t) => {
  const candidates: Candidate[] = []
  const start = collecting(makeStartAttempt({ transport: 'fast' }), candidates)
  const { offering, answering } = await openPair(t, start, start)
  const [, , , , host, port] =
    candidates.find(({ candidate }) => !candidate.includes('::'))?.candidate.split(' ') ?? []
  const socket = createSocket('udp4')
  t.after(() => socket.close())
  const answers: Buffer[] = []
  socket.on('message', (message) => answers.push(message))
  const check = Buffer.from('000100082112a442' + '0'.repeat(24) + '0006000261623a63'.slice(0, 16), 'hex')
  await new Promise<void>((resolve) => socket.bind(0, host, resolve))
  await new Promise((resolve) => socket.send(check, Number(port), host, resolve))
  // Messages sent later over the channel have been answered, and so would the check.
  const there = messagesOf(answering.channel)
  const back = messagesOf(offering.channel)
  for (let round = 0; round < 10; round++) {
    await offering.channel.send(Buffer.from('ping'))
    await there.next()
    await answering.channel.send(Buffer.from('pong'))
    await back.next()
  }
  assert.deepEqual(answers, [])
})
