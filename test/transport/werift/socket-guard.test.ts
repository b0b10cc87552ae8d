import assert from 'node:assert/strict'
import test from 'node:test'
import type { Address, IceConnection, IceProtocol } from '../../../transport/werift/internals.ts'
import { SocketGuard } from '../../../transport/werift/socket-guard.ts'

test('signed checks from ever new addresses are answered up to a limit, those from known addresses always', () => {
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
