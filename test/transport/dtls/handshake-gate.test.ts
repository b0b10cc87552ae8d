import assert from 'node:assert/strict'
import test from 'node:test'
import { ClientGate, ServerGate } from '../../../transport/dtls/handshake-gate.ts'
import {
  handshakeRecords,
  fragmentsIn,
  recordOf,
  renumber,
  type HandshakeMessage,
} from '../../../transport/dtls/handshake-bytes.ts'

/** Bodies that only the gate reads: it looks at a ClientHello's random and cookie, and at nothing else. */
function helloBody(random: number, cookie: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.concat([Buffer.from('fefd', 'hex'), Buffer.alloc(32, random), Buffer.alloc(1)])
  return Buffer.concat([head, Buffer.from([cookie.length]), cookie, Buffer.from('0002c02b0100', 'hex')])
}

function described(bytes: Buffer): string[] {
  return handshakeRecords(bytes).flatMap(({ epoch, content }) =>
    epoch === 1 ? ['finished'] : fragmentsIn(content).map(({ type, sequence }) => `${type}/${sequence}`),
  )
}

const FINISHED = Buffer.concat([Buffer.from('16fefd00010000000000010030', 'hex'), Buffer.alloc(48)])

function part(type: number, sequence: number, fill = 0): HandshakeMessage {
  return { type, sequence, body: Buffer.alloc(type === 14 ? 0 : 20, fill) }
}

function clientGate(firstNumber = 0) {
  const delivered: string[] = []
  let broken = 0
  const end = {
    deliver: (record: Buffer) => void delivered.push(...described(record)),
    onBroken: () => void broken++,
  }
  const gate = new ClientGate(end, firstNumber)
  return { gate, delivered, broken: () => broken }
}

function serverGate(isOwnKind = false) {
  const delivered: string[] = []
  const sent: Buffer[] = []
  const begun: string[][] = []
  let broken = 0
  const gate = new ServerGate(
    {
      deliver: (record) => void delivered.push(...described(record)),
      onBroken: () => void broken++,
      send: (record) => void sent.push(record),
      begin: (_cookie, hellos) => void begun.push(hellos.flatMap(described)),
    },
    isOwnKind,
  )
  /** Says hello as a client does, cookie and all. */
  function greet(random: number, number = 0): Buffer {
    gate.receive(recordOf({ type: 1, sequence: 0, body: helloBody(random) }, number))
    const cookie = sent.at(-1)?.subarray(-20)
    const hello = recordOf({ type: 1, sequence: 1, body: helloBody(random, cookie) }, number + 1)
    gate.receive(hello)
    return hello
  }
  return { gate, delivered, sent, begun, greet, broken: () => broken }
}

test('a client takes the messages of a server in their order and each once', () => {
  const { gate, delivered, broken } = clientGate()
  gate.receive(recordOf({ type: 3, sequence: 0, body: Buffer.from('fefd0401020304', 'hex') }))
  const flight = [part(2, 1), part(11, 2), part(12, 3), part(13, 4), part(14, 5)].map((message) =>
    recordOf(message),
  )
  gate.receive(FINISHED)
  gate.receive(Buffer.concat(flight.slice(2, 4)))
  assert.deepEqual(delivered, ['3/0'])
  gate.receive(Buffer.concat(flight))
  gate.receive(FINISHED)
  assert.deepEqual(delivered, ['3/0', '2/1', '11/2', '12/3', '13/4', '14/5', 'finished'])
  // A repeated flight asks for the client's again.
  gate.receive(Buffer.concat(flight))
  assert.deepEqual(delivered.slice(7), ['14/5'])
  for (let repeat = 0; repeat < 100; repeat++) gate.receive(Buffer.concat(flight))
  assert.ok(delivered.length < 30)
  assert.equal(broken(), 0)
})

test('a client drops what a server does not send, and says when messages contradict each other', () => {
  const { gate, delivered, broken } = clientGate()
  for (const message of [part(1, 0), part(16, 0), part(20, 0), part(12, 0), part(14, 0)])
    gate.receive(recordOf(message))
  assert.deepEqual(delivered, [])
  gate.receive(recordOf(part(2, 0)))
  assert.deepEqual([delivered, broken()], [['2/0'], 0])
  gate.receive(recordOf(part(2, 0, 1)))
  assert.equal(broken(), 1)
})

test('with a drawn first number only records above it count', () => {
  const { gate, delivered } = clientGate(0x50000)
  for (const number of [0, 1, 0x4ffff, 0x60000]) gate.receive(recordOf(part(2, 0), number))
  assert.deepEqual(delivered, [])
  const record = recordOf(part(2, 0), 3)
  renumber(record, 0x50000)
  gate.receive(record)
  assert.deepEqual(delivered, ['2/0'])
})

test('a server begins with the hello that repeats its cookie, and forgets those without', () => {
  const { gate, sent, begun, greet } = serverGate()
  for (let random = 1; random <= 200; random++) {
    gate.receive(recordOf({ type: 1, sequence: 0, body: helloBody(random) }))
    gate.receive(recordOf({ type: 1, sequence: 1, body: helloBody(random, Buffer.alloc(20, 1)) }))
  }
  assert.equal(sent.length, 200)
  assert.deepEqual(begun, [])
  greet(201)
  assert.deepEqual(begun, [['1/1', '1/1']])
})

test('a new hello replaces a handshake, an old one that comes again does not', () => {
  const { gate, begun, delivered, greet } = serverGate()
  const first = greet(1)
  const second = greet(2)
  assert.equal(begun.length, 2)
  gate.receive(first)
  assert.equal(begun.length, 2)
  assert.deepEqual(delivered, [])
  gate.receive(second)
  assert.deepEqual(delivered, ['1/1'])
})

test('a server takes a client’s flight in order, and begins again when its messages contradict each other', () => {
  const { gate, begun, delivered, greet, broken } = serverGate()
  greet(1)
  gate.receive(Buffer.concat([FINISHED, recordOf(part(16, 3)), recordOf(part(20, 4)), recordOf(part(15, 4))]))
  assert.deepEqual(delivered, [])
  gate.receive(Buffer.concat([recordOf(part(11, 2)), FINISHED]))
  assert.deepEqual(delivered, ['11/2', '16/3', '15/4', 'finished'])
  gate.receive(recordOf(part(16, 3, 1)))
  assert.equal(broken(), 1)
  gate.beginAgain()
  assert.equal(begun.length, 2)
})

test('a server follows the record numbers of a client of its own kind', () => {
  const { gate, sent, delivered, greet } = serverGate(true)
  greet(1, 0x70001)
  assert.equal(sent[0]?.readUIntBE(5, 6), 0x70001)
  assert.equal(gate.firstNumber, 0x70000)
  gate.receive(recordOf(part(11, 2), 5))
  assert.deepEqual(delivered, [])
  gate.receive(recordOf(part(11, 2), 0x70005))
  assert.deepEqual(delivered, ['11/2'])
})
