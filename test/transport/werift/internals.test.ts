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
} from '../../../transport/werift/member-checks.ts'

test('the installed werift is the version whose internals are known', async () => {
  const path = findPackageJSON('werift', import.meta.url)
  assert.ok(path)
  const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string }
  assert.equal(version, WERIFT_VERSION)
})

test('a peer connection of werift has every member that is used', async (t) => {
  const { RTCPeerConnection } = await import('werift')
  const connection = new RTCPeerConnection({ iceServers: [] })
  t.after(() => connection.close())
  const peer = checkPeerConnection(connection)
  assert.throws(() => checkSctpTransport(peer.sctpTransport), { code: 'internal' })
  peer.createDataChannel('x')
  const sctp = checkSctpTransport(peer.sctpTransport)
  assert.equal(sctp.dtlsTransport.iceTransport.connection.protocols.length, 0)
})

test('an error names the member that is missing or of another type, and the version that has it', () => {
  const socket = {
    transport: { socket: { send() {}, onData() {} } },
    dtls: { flight: 1, recordSequenceNumber: 7 },
    cipher: {},
    options: {},
    onConnect: { execute() {} },
    onError: { execute() {} },
    onClose: { execute() {} },
    onData: { execute() {} },
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
