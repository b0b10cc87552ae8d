/** Datagrams from the peer's own address that the peer has not sent, as who forges source addresses can make them, while two sides connect. */
import assert from 'node:assert/strict'
import type { Socket } from 'node:dgram'
import test, { type TestContext } from 'node:test'
import { makeStartAttempt } from '../../transport/webrtc-attempt.ts'
import { openPair, receiveAll, sendAll, watchSends } from './attempt-pair.ts'
import { messagesOf } from '../support/messages-of.ts'

const fast = makeStartAttempt({ transport: 'fast' })

/**
 * Has the socket that a DTLS datagram is sent to receive first what `forge` makes of it, from the same source. Returns the randoms of
 * the ClientHellos that were sent: as many as handshakes were begun.
 */
function forgeHandshakes(t: TestContext, forge: (datagram: Buffer) => readonly Buffer[]): Set<string> {
  const sockets = new Map<number, Socket>()
  /** From which address each socket, by its port, has last received something: connectivity checks, before any handshake. */
  const sources = new Map<number, string>()
  const begun = new Set<string>()
  watchSends(t, (socket, datagram, port) => {
    const { port: ownPort } = socket.address()
    if (!sockets.has(ownPort))
      socket.on('message', (received: Buffer, { address }: { address: string }) => {
        if (received.length > 0) sources.set(ownPort, address)
      })
    sockets.set(ownPort, socket)
    if (!Buffer.isBuffer(datagram) || datagram[0] !== 22) return
    if (datagram[13] === 1) begun.add(datagram.toString('hex', 27, 59))
    // The peer knows the address of a candidate, not that of the socket behind it.
    const source = { address: sources.get(Number(port)) ?? '', family: 'IPv4', port: ownPort, size: 0 }
    for (const forged of forge(datagram)) sockets.get(Number(port))?.emit('message', forged, source)
  })
  return begun
}

async function carriesMessages(t: TestContext): Promise<void> {
  const { offering, answering } = await openPair(t, fast, fast)
  const [sent, received] = await Promise.all([
    sendAll(offering.channel, 4, 65_536),
    receiveAll(messagesOf(answering.channel), 4),
  ])
  assert.equal(received, sent)
}

/** An unprotected record of `type` in epoch `epoch`. */
function record(type: number, content: Buffer, epoch = 0, number = 9): Buffer {
  const header = Buffer.from([
    type,
    0xfe,
    0xfd,
    0,
    epoch,
    0,
    0,
    0,
    0,
    0,
    number,
    content.length >>> 8,
    content.length & 255,
  ])
  return Buffer.concat([header, content])
}

function message(type: number, sequence: number, body: Buffer): Buffer {
  const header = Buffer.alloc(12)
  header.writeUIntBE(type, 0, 1)
  header.writeUIntBE(body.length, 1, 3)
  header.writeUInt16BE(sequence, 4)
  header.writeUIntBE(body.length, 9, 3)
  return record(22, Buffer.concat([header, body]))
}

const rubbish = [
  record(21, Buffer.from([2, 40])),
  record(21, Buffer.from([1, 0])),
  record(21, Buffer.alloc(26, 1), 1),
  record(99, Buffer.alloc(20)),
  record(20, Buffer.from([1])),
  record(23, Buffer.alloc(60), 1),
  record(22, Buffer.alloc(48), 1),
  record(22, Buffer.alloc(40, 255)),
  record(22, Buffer.alloc(5)),
  Buffer.from('16fefd00000000000000', 'hex'),
  Buffer.from('16fefd0000000000000000ffff00', 'hex'),
  ...[1, 2, 11, 12, 13, 14, 15, 16, 20].flatMap((type) =>
    [0, 1, 2, 3, 4].flatMap((sequence) => [
      message(type, sequence, Buffer.alloc(0)),
      message(type, sequence, Buffer.alloc(80, 1)),
    ]),
  ),
  message(3, 0, Buffer.from('fefd0401020304', 'hex')),
]

test('rubbish from the right address does not even have a handshake begun again', async (t) => {
  let forged = 0
  const begun = forgeHandshakes(t, () => {
    forged++
    return rubbish
  })
  await carriesMessages(t)
  assert.ok(forged >= 4)
  assert.equal(begun.size, 1)
})

test('messages that are altered on the way spoil a handshake, and another one succeeds', async (t) => {
  // Of the first handshake the HelloVerifyRequest, of the second the server's flight, of the third the client's.
  const altered = new Set<number>()
  const begun = forgeHandshakes(t, (datagram) => {
    const type = datagram[13] ?? 0
    if (altered.has(type) || ![3, 2, 11].includes(type)) return []
    altered.add(type)
    const copy = Buffer.from(datagram)
    copy[40] = (copy[40] ?? 0) ^ 1
    return [copy]
  })
  await carriesMessages(t)
  assert.deepEqual([...altered], [3, 2, 11])
  assert.ok(begun.size >= 3, `${begun.size} handshakes`)
})
