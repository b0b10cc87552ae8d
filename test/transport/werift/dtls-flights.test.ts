import assert from 'node:assert/strict'
import test from 'node:test'
import { joined, joinFlights } from '../../../transport/werift/dtls-flights.ts'

test('a DTLS flight leaves as one datagram, an overlong one in as few as whole records allow', async () => {
  const sent: number[] = []
  const dtls = {
    transport: {
      socket: {
        send: (datagram: Buffer) => {
          sent.push(datagram.length)
          return Promise.resolve()
        },
        onData() {},
      },
    },
    dtls: { flight: 4, recordSequenceNumber: 0 },
    cipher: {},
    options: {},
    onConnect: { execute() {} },
    onError: { execute() {} },
    onClose: { execute() {} },
    onData: { execute() {} },
  }
  let isOver = false
  let isMute = false
  joinFlights(dtls, { isOver: () => isOver, isMute: () => isMute, prepare() {} })
  const flight = [100, 400, 250, 60, 25].map((bytes) => Buffer.alloc(bytes))
  await Promise.all(flight.map((part) => dtls.transport.socket.send(part)))
  assert.deepEqual(sent, [835])
  await Promise.all([1_000, 300, 200].map((bytes) => dtls.transport.socket.send(Buffer.alloc(bytes))))
  assert.deepEqual(sent, [835, 1_300, 200])
  isMute = true
  await dtls.transport.socket.send(Buffer.alloc(500))
  isMute = false
  await dtls.transport.socket.send(Buffer.alloc(1))
  assert.deepEqual(sent.splice(3), [1])
  isOver = true
  await Promise.all([
    dtls.transport.socket.send(Buffer.alloc(1)),
    dtls.transport.socket.send(Buffer.alloc(2)),
  ])
  assert.deepEqual(sent, [835, 1_300, 200, 1, 2])
  assert.deepEqual(joined([], 10), [])
  assert.deepEqual(joined([Buffer.alloc(20)], 10), [Buffer.alloc(20)])
})
