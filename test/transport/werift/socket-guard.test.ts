import assert from 'node:assert/strict'
import test from 'node:test'
import type { Address, IceConnection, IceProtocol } from '../../../transport/werift/internals.ts'
import { joined, joinFlights, SocketGuard, waitForConsent } from '../../../transport/werift/socket-guard.ts'

test('a flight leaves as one datagram, an overlong one in as few as whole records allow', async () => {
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
  }
  let isOver = false
  joinFlights(dtls, () => isOver)
  const flight = [100, 400, 250, 60, 25].map((bytes) => Buffer.alloc(bytes))
  await Promise.all(flight.map((part) => dtls.transport.socket.send(part)))
  assert.deepEqual(sent, [835])
  await Promise.all([1_000, 300, 200].map((bytes) => dtls.transport.socket.send(Buffer.alloc(bytes))))
  assert.deepEqual(sent, [835, 1_300, 200])
  isOver = true
  await Promise.all([
    dtls.transport.socket.send(Buffer.alloc(1)),
    dtls.transport.socket.send(Buffer.alloc(2)),
  ])
  assert.deepEqual(sent, [835, 1_300, 200, 1, 2])
  assert.deepEqual(joined([], 10), [])
  assert.deepEqual(joined([Buffer.alloc(20)], 10), [Buffer.alloc(20)])
})

test('the patience with consent checks hides nothing of the measured round trip', () => {
  const pair = { rtt: 0.02 } as never
  const measured = waitForConsent(pair)
  const seen = pair as { rtt: number }
  assert.equal(seen.rtt, 10)
  assert.equal(measured(), 0.02)
  seen.rtt = 0.7
  assert.equal(seen.rtt, 10)
  assert.equal(measured(), 0.7)
})

test('signed checks that seem to come from ever new addresses are answered up to a limit, known ones always', () => {
  const passed: number[] = []
  const protocol = {
    type: 'stun',
    datagramReceived: (_check: Buffer, [, port]: Address) => void passed.push(port),
  }
  const checkList: { protocol: IceProtocol; state: number; remoteAddr: Address }[] = []
  let guardSockets: () => void = () => {}
  const ice: unknown = {
    localPassword: 'secret',
    protocols: [protocol],
    checkList,
    onIceCandidate: { subscribe: (call: () => void) => (guardSockets = call) },
  }
  new SocketGuard(ice as IceConnection, { parse: () => undefined, isSigned: (check) => check.length === 20 })
  guardSockets()
  const check = Buffer.from('000100002112a442'.padEnd(40, '0'), 'hex')
  for (let port = 1; port <= 600; port++) {
    protocol.datagramReceived(check, ['192.0.2.1', port])
    if (passed.at(-1) === port) checkList.push({ protocol, state: 4, remoteAddr: ['192.0.2.1', port] })
  }
  assert.equal(passed.length, 512)
  protocol.datagramReceived(check, ['192.0.2.1', 7])
  protocol.datagramReceived(check.subarray(0, 19), ['192.0.2.1', 8])
  assert.deepEqual(passed.slice(512), [7])
})
