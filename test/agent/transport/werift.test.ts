import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { findPackageJSON } from 'node:module'
import test from 'node:test'
import {
  checkCipher,
  checkDtlsSocket,
  checkPeerConnection,
  checkSctpTransport,
  WERIFT_VERSION,
  type Address,
  type IceConnection,
  type IceProtocol,
} from '../../../agent/transport/werift-internals.ts'
import { joined, joinFlights, SocketGuard, waitForConsent } from '../../../agent/transport/werift-mends.ts'

test('the installed werift is the one whose insides are known', async () => {
  const path = findPackageJSON('werift', import.meta.url)
  assert.ok(path)
  const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string }
  assert.equal(version, WERIFT_VERSION)
})

test('a peer connection of werift has every member that is reached, before and after gathering', async (t) => {
  const { RTCPeerConnection } = await import('werift')
  const connection = new RTCPeerConnection({ iceServers: [] })
  t.after(() => connection.close())
  const peer = checkPeerConnection(connection)
  assert.throws(() => checkSctpTransport(peer.sctpTransport), { code: 'internal' })
  peer.createDataChannel('x')
  const sctp = checkSctpTransport(peer.sctpTransport)
  assert.equal(sctp.dtlsTransport.iceTransport.connection.protocols.length, 0)
})

test('a member that is missing or of another kind is named, with the version that has it', () => {
  const socket = {
    transport: { socket: { send() {}, onData() {} } },
    dtls: { flight: 1, recordSequenceNumber: 7 },
    cipher: {},
  }
  assert.equal(checkDtlsSocket(socket), socket)
  for (const [broken, member] of [
    [{ ...socket, dtls: { flight: 1 } }, 'dtls.recordSequenceNumber'],
    [{ ...socket, dtls: { flight: '1', recordSequenceNumber: 7 } }, 'dtls.flight'],
    [{ ...socket, transport: undefined }, 'transport.socket.send'],
  ] as const) {
    assert.throws(
      () => checkDtlsSocket(broken),
      (error: { code?: string; detail?: string }) =>
        error.code === 'internal' &&
        error.detail?.includes(`DtlsSocket.${member} `) === true &&
        error.detail.includes(WERIFT_VERSION),
    )
  }
  assert.throws(() => checkCipher(undefined), { code: 'internal' })
})

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
  let guardSockets = () => {}
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
