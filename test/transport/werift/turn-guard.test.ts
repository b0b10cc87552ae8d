import assert from 'node:assert/strict'
import test from 'node:test'
import { TurnProtocol, type UdpTransport } from 'werift'
import { checkTurnPrototype } from '../../../transport/werift/member-checks.ts'
import type { Address, TurnClient } from '../../../transport/werift/internals.ts'
import { guardTurnClients } from '../../../transport/werift/turn-guard.ts'
import { counted } from '../ice/counted.ts'
import { fingerprintChain, signed, stunBytes } from '../ice/stun-bytes.ts'

guardTurnClients(checkTurnPrototype(TurnProtocol.prototype))

const SERVER: Address = ['198.51.100.1', 3478]
const STRANGER: Address = ['192.0.2.66', 3478]
const PEER = Buffer.from('0001a147e112a643', 'hex')
const toPeer = Buffer.from('a datagram of the peer')

/** A client of werift's as it is after its allocation: what comes out of it, and what its transport is told. */
function turnClient(type: string) {
  const heard: string[] = []
  let isClosed = false
  const transport = { type, send: () => Promise.resolve(), close: () => Promise.resolve((isClosed = true)) }
  const client = new TurnProtocol([...SERVER], 'user', 'secret', 600, transport as unknown as UdpTransport)
  Object.assign(client, { pinnedServerEndpoint: SERVER, addrByChannel: { 0x4001: ['203.0.113.9', 7] } })
  client.onData.subscribe((data, [host]) => heard.push(`${host} ${data.toString()}`))
  const guarded: unknown = client
  function receive(data: Buffer, from: Address): void {
    ;(guarded as TurnClient).dataReceived(data, from)
  }
  return { client: guarded as TurnClient, heard, receive, isClosed: () => isClosed }
}

const indication = stunBytes(0x0017, [
  [0x0012, PEER],
  [0x0013, toPeer],
])
const channelData = Buffer.concat([Buffer.from([0x40, 0x01, 0, toPeer.length]), toPeer, Buffer.alloc(2)])

test('what peers send comes through the server of the allocation, and from nobody else', () => {
  const { heard, receive } = turnClient('udp')
  for (const datagram of [indication, channelData]) {
    receive(datagram, STRANGER)
    receive(datagram, [SERVER[0], 9])
    assert.deepEqual(heard, [])
    receive(datagram, SERVER)
    assert.equal(heard.splice(0).length, 1)
  }
  for (const datagram of [
    stunBytes(0x0017, [[0x0013, toPeer]]),
    stunBytes(0x0016, [
      [0x0012, PEER],
      [0x0013, toPeer],
    ]),
    stunBytes(0x0001, []),
    Buffer.concat([Buffer.from([0x40, 0x02, 0, toPeer.length]), toPeer]),
    Buffer.from('4001ffff', 'hex'),
  ]) {
    receive(datagram, SERVER)
  }
  assert.deepEqual(heard, [])
})

test('a datagram of a peer of any size passes', () => {
  const { heard, receive } = turnClient('udp')
  receive(
    stunBytes(0x0017, [
      [0x0012, PEER],
      [0x0013, Buffer.alloc(65_000, 'x')],
    ]),
    SERVER,
  )
  assert.deepEqual(
    heard.map(({ length }) => length),
    ['192.0.2.1 '.length + 65_000],
  )
})

test('no datagram of the server costs more than a few times its length', () => {
  for (const bytes of [fingerprintChain(65_507), stunBytes(0x0103, [[0x0016, Buffer.alloc(65_000)]])]) {
    const { receive } = turnClient('udp')
    const { buffer, cost } = counted(bytes)
    receive(buffer, SERVER)
    assert.ok(cost() <= 4 * bytes.length, `${cost()} for ${bytes.length} bytes`)
  }
})

test('an answer has to be signed, but for one that brings a new nonce', () => {
  const { client, receive } = turnClient('udp')
  const heard: number[] = []
  const handle = client.handleSTUNMessage.bind(client)
  client.handleSTUNMessage = (message, from) => {
    heard.push(message.readUInt16BE(0))
    handle(message, from)
  }
  const key = Buffer.from('the key of user, realm and password')
  const transaction = {
    request: { messageMethod: 4 },
    expectedAddr: SERVER,
    integrityKey: key,
    cancel() {},
    responseReceived() {},
  }
  client.transactions['07'.repeat(12)] = transaction
  const success = stunBytes(0x0104, [[0x000d, Buffer.from('00000258', 'hex')]])
  const stale = stunBytes(0x0114, [
    [0x0009, Buffer.from('00000426', 'hex')],
    [0x0015, Buffer.from('nonce')],
  ])
  receive(success, SERVER)
  receive(stunBytes(0x0114, [[0x0009, Buffer.from('00000403', 'hex')]]), SERVER)
  receive(stale, STRANGER)
  assert.deepEqual(heard, [])
  receive(signed(success, key), SERVER)
  receive(stale, SERVER)
  assert.equal(transaction.integrityKey, undefined)
  assert.deepEqual(heard, [0x0104, 0x0114])
})

test('a server cannot have an allocation kept alive without a pause, or for longer than a timer counts', () => {
  const { client, receive } = turnClient('udp')
  const heard: string[] = []
  client.handleSTUNMessage = (message) => heard.push(message.toString('hex', 24, 28))
  const lifetimes = [
    '00000000',
    '0000001d',
    '0000001e',
    '00000258',
    '00093a80',
    '00093a81',
    'ffffffff',
    '0258',
  ]
  for (const method of [3, 4]) {
    client.transactions['07'.repeat(12)] = {
      request: { messageMethod: method },
      expectedAddr: SERVER,
      cancel() {},
    }
    receive(stunBytes(0x0100 + method, []), SERVER)
    for (const lifetime of lifetimes)
      receive(stunBytes(0x0100 + method, [[0x000d, Buffer.from(lifetime, 'hex')]]), SERVER)
    assert.deepEqual(heard.splice(0), ['0000001e', '00000258', '00093a80'])
  }
})

test('over a stream messages are put together, and one that is none ends it', () => {
  const { heard, receive, isClosed } = turnClient('tcp')
  const stream = Buffer.concat([indication, channelData])
  for (let at = 0; at < stream.length; at += 7) receive(stream.subarray(at, at + 7), SERVER)
  assert.equal(heard.length, 2)
  assert.ok(!isClosed())
  receive(Buffer.alloc(100, 0xff), SERVER)
  assert.ok(isClosed())
})
