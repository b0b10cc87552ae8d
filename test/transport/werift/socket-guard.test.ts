import assert from 'node:assert/strict'
import test from 'node:test'
import type { Address, IceConnection, IceProtocol } from '../../../transport/werift/internals.ts'
import { SocketGuard } from '../../../transport/werift/socket-guard.ts'
import { checkBytes, fingerprintChain, signed, stunBytes } from '../ice/stun-bytes.ts'

const PEER: Address = ['192.0.2.1', 7]
const STRANGER: Address = ['192.0.2.66', 7]
const SERVER: Address = ['198.51.100.1', 3478]

function hello(mark: number): Buffer {
  return Buffer.concat([Buffer.from('16fefd0000000000000000003c', 'hex'), Buffer.alloc(60, mark)])
}

/** A guard around one socket: what passes, and the state of the connection behind it. */
function guarded() {
  const passed: string[] = []
  const transactions: Record<string, unknown> = {}
  const protocol = {
    type: 'stun',
    transactions,
    datagramReceived: (datagram: Buffer, [host, port]: Address) =>
      void passed.push(`${datagram.toString('hex', 0, 2)} ${host} ${port}`),
  }
  const checkList: { protocol: IceProtocol; remoteAddr: Address }[] = []
  let guardSockets: () => void = () => {}
  const ice = {
    localUsername: 'us',
    localPassword: 'secret',
    protocols: [protocol],
    checkList,
    earlyChecks: [] as unknown[],
    onIceCandidate: { subscribe: (call: () => void) => (guardSockets = call) },
  }
  const guard = new SocketGuard(ice as unknown as IceConnection)
  guardSockets()
  return {
    passed,
    transactions,
    protocol,
    ice,
    guard,
    receive: (datagram: Buffer, from: Address) => protocol.datagramReceived(datagram, from),
  }
}

function waiting(expectedAddr: Address, key?: string) {
  return {
    request: { messageMethod: 1 },
    expectedAddr,
    cancel() {},
    integrityKey: key === undefined ? undefined : Buffer.from(key),
  }
}

function answer(id: number) {
  return stunBytes(0x0101, [[0x0020, Buffer.from('0001a147e112a643', 'hex')]], id)
}

test('a check passes only with our user name and a signature with our password', () => {
  const { passed, receive } = guarded()
  receive(checkBytes('us', 'secret', [[0xc057, Buffer.alloc(4)]]), PEER)
  assert.deepEqual(passed.splice(0), ['0001 192.0.2.1 7'])
  for (const bytes of [
    checkBytes('us', 'guess'),
    checkBytes('usa', 'secret'),
    checkBytes('them', 'secret'),
    signed(stunBytes(0x0001, []), 'secret'),
    stunBytes(0x0001, [[0x0006, Buffer.from('us:them')]]),
    signed(stunBytes(0x0003, [[0x0006, Buffer.from('us:them')]]), 'secret'),
    signed(stunBytes(0x0011, [[0x0006, Buffer.from('us:them')]]), 'secret'),
    checkBytes('us', 'secret', [[0xc057, Buffer.alloc(1_300)]]),
    fingerprintChain(1_280),
  ]) {
    receive(bytes, PEER)
  }
  assert.deepEqual(passed, [])
})

test('an answer passes only for a request of ours, from the address that was asked, signed where it has to be', () => {
  const { passed, transactions, receive } = guarded()
  transactions['01'.repeat(12)] = waiting(PEER, 'theirs')
  transactions['02'.repeat(12)] = waiting(SERVER)
  transactions['03'.repeat(12)] = waiting(['2001:db8::1', 9], 'theirs')
  receive(answer(1), PEER)
  receive(signed(answer(1), 'secret'), PEER)
  receive(signed(answer(1), 'theirs'), STRANGER)
  receive(signed(answer(9), 'theirs'), PEER)
  receive(signed(stunBytes(0x0103, [], 1), 'theirs'), PEER)
  receive(signed(stunBytes(0x0111, [], 1), 'theirs'), PEER)
  receive(answer(2), STRANGER)
  assert.deepEqual(passed, [])
  receive(signed(answer(1), 'theirs'), PEER)
  receive(answer(2), SERVER)
  receive(signed(answer(3), 'theirs'), ['2001:DB8:0:0::1', 9])
  assert.deepEqual(passed, ['0101 192.0.2.1 7', '0101 198.51.100.1 3478', '0101 2001:DB8:0:0::1 9'])
})

test('DTLS passes only from addresses that signed a check or an answer, before a pair is chosen too', () => {
  const { passed, transactions, guard, receive } = guarded()
  transactions['01'.repeat(12)] = waiting(PEER, 'theirs')
  transactions['02'.repeat(12)] = waiting(SERVER)
  const records: number[] = []
  receive(hello(1), PEER)
  receive(signed(answer(1), 'theirs'), PEER)
  receive(hello(2), PEER)
  receive(hello(3), STRANGER)
  // What came before the handshake is kept for it, from those sources only.
  guard.beginHandshake((datagram) => records.push(datagram[13] ?? 0))
  receive(answer(2), SERVER)
  receive(hello(4), SERVER)
  receive(hello(5), [PEER[0], 8])
  receive(hello(6), STRANGER)
  receive(hello(7), PEER)
  receive(checkBytes('us', 'secret'), STRANGER)
  receive(hello(8), STRANGER)
  assert.deepEqual(records, [2, 7, 8])
  assert.deepEqual(passed, ['0101 192.0.2.1 7', '0101 198.51.100.1 3478', '0001 192.0.2.66 7'])
})

test('signed checks from ever new addresses are answered up to a limit, those from known addresses always', () => {
  const { passed, ice, receive } = guarded()
  const check = checkBytes('us', 'secret')
  for (let port = 1; port <= 600; port++) receive(check, ['192.0.2.1', port])
  assert.equal(passed.length, 512)
  receive(check, ['192.0.2.1', 7])
  assert.equal(passed.length, 513)
  ice.earlyChecks = Array.from({ length: 512 })
  receive(check, ['192.0.2.1', 7])
  assert.equal(passed.length, 513)
})

test('a peer that has a check repeated again and again is answered up to a limit', () => {
  const { passed, transactions, receive } = guarded()
  transactions['01'.repeat(12)] = waiting(PEER, 'theirs')
  function refusal(code: number): Buffer {
    const value = Buffer.from([0, 0, Math.trunc(code / 100), code % 100])
    return signed(stunBytes(0x0111, [[0x0009, value]], 1), 'theirs')
  }
  for (let turn = 0; turn < 600; turn++) receive(refusal(turn % 2 === 0 ? 487 : 401), PEER)
  assert.equal(passed.length, 512)
  receive(refusal(400), PEER)
  receive(signed(answer(1), 'theirs'), PEER)
  assert.equal(passed.length, 514)
})
