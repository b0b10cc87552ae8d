import assert from 'node:assert/strict'
import { createSecretKey } from 'node:crypto'
import test from 'node:test'
import { DtlsLayer, type EstablishedDtls } from '../../../transport/dtls/dtls-layer.ts'
import type { Layer } from '../../../transport/layer.ts'
import { TransportError } from '../../../transport/transport-error.ts'

/** The layer below: hands each datagram to the other side at once. */
class Wire implements Layer {
  readonly sent: Uint8Array[] = []
  isClosed = false
  other: Wire | undefined
  deliver: (datagram: Uint8Array) => void = () => {}
  fail: (reason: TransportError | undefined) => void = () => {}

  send(datagram: Uint8Array): void {
    this.sent.push(datagram)
    this.other?.deliver(datagram)
  }
  onPacket(take: (datagram: Uint8Array) => void): void {
    this.deliver = take
  }
  onClosed(take: (reason: TransportError | undefined) => void): void {
    this.fail = take
  }
  close(): void {
    this.isClosed = true
  }
}

function established(isClient: boolean, firstNumber = 255): EstablishedDtls {
  const client = { key: createSecretKey(Buffer.alloc(16, 1)), salt: Buffer.alloc(4, 3) }
  const server = { key: createSecretKey(Buffer.alloc(16, 2)), salt: Buffer.alloc(4, 4) }
  const [write, read] = isClient ? [client, server] : [server, client]
  let number = firstNumber
  return {
    keys: { writeKey: write.key, readKey: read.key, writeSalt: write.salt, readSalt: read.salt },
    isClient,
    nextRecordNumber: () => ++number,
    repeatFlight() {},
  }
}

/** Two layers on one wire, and every end that they report. */
function pair(firstNumber?: number) {
  const wires = { a: new Wire(), b: new Wire() }
  wires.a.other = wires.b
  wires.b.other = wires.a
  const a = new DtlsLayer(wires.a, established(true, firstNumber), undefined)
  const b = new DtlsLayer(wires.b, established(false), undefined)
  const ends: { a: (TransportError | undefined)[]; b: (TransportError | undefined)[] } = { a: [], b: [] }
  a.onClosed((reason) => ends.a.push(reason))
  b.onClosed((reason) => ends.b.push(reason))
  return { a, b, wires, ends }
}

test('a packet arrives as it was sent, and its memory may be reused after the call', () => {
  const { a, b, wires } = pair()
  const received: string[] = []
  b.onPacket((packet) => received.push(packet.toString()))
  const packet = Buffer.from('one')
  a.send(packet)
  packet.write('two')
  a.send(packet)
  assert.deepEqual(received, ['one', 'two'])
  assert.notDeepEqual(wires.a.sent[0], Buffer.from('one'))
})

test('closing tells the peer, whose layer above is told once of an orderly end', async () => {
  const { a, b, wires, ends } = pair()
  b.onPacket(() => {})
  a.close()
  a.close()
  assert.deepEqual(ends, { a: [], b: [undefined] })
  assert.equal(wires.a.isClosed, false)
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(wires.a.isClosed, true)
})

test('a failure of the layer below is passed on with its reason, once', () => {
  const { wires, ends } = pair()
  const reason = new TransportError('no_path', 'consent has expired')
  wires.a.fail(reason)
  wires.a.fail(reason)
  assert.deepEqual(ends.a, [reason])
})

test('sending without a record number left throws nothing and ends the session', () => {
  const { a, wires, ends } = pair(2 ** 48 - 2)
  a.send(Buffer.from('last'))
  a.send(Buffer.from('one too many'))
  a.send(Buffer.from('and another'))
  a.close()
  assert.equal(wires.a.sent.length, 1)
  assert.deepEqual(
    ends.a.map((reason) => reason?.code),
    ['interrupted'],
  )
})
