/** What a peer can have this host send datagrams to, with real sockets and werift's own ICE. */
import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import test, { type TestContext } from 'node:test'
import * as werift from 'werift'
import type { Attempt, Candidate } from '../../../transport/contract.ts'
import { RemoteCandidates } from '../../../transport/ice/remote-candidates.ts'
import { MdnsLookup } from '../../../transport/ice/mdns-lookup.ts'
import { makeStartAttempt } from '../../../transport/webrtc-attempt.ts'
import { applyCandidateRules } from '../../../transport/werift/candidate-rules.ts'
import type { IceProtocol } from '../../../transport/werift/internals.ts'
import { checkSctpTransport } from '../../../transport/werift/member-checks.ts'
import { watchSends } from '../attempt-pair.ts'
import { isCheck, signedCheck } from '../signed-check.ts'

const start = makeStartAttempt({ transport: 'fast' })

/** An attempt that has made its offer, and an answer to it without any candidate. */
async function offered(t: TestContext): Promise<{
  attempt: Attempt
  offer: string
  answer: string
  candidates: Candidate[]
}> {
  const candidates: Candidate[] = []
  const settings = { iceServers: [], relayOnly: false }
  const attempt = start({ ...settings, onCandidate: (candidate) => candidates.push(candidate) })
  const other = start({ ...settings, onCandidate() {} })
  t.after(() => attempt.close())
  const offer = await attempt.offer()
  const answer = await other.answer(offer)
  other.close()
  return { attempt, offer, answer, candidates }
}

function withCandidates(sdp: string, lines: readonly string[]): string {
  return `${sdp.trimEnd()}\r\n${lines.map((line) => `a=${line}\r\n`).join('')}`
}

/**
 * Collects the ports from `from` up to `to` to which sockets that are bound from now on send. They lie below those that the system
 * gives to sockets.
 */
function watchTargets(t: TestContext, from: number, to: number): Set<number> {
  const ports = new Set<number>()
  watchSends(t, (_socket, datagram, port) => {
    if (Buffer.isBuffer(datagram) && typeof port === 'number' && port >= from && port < to) ports.add(port)
  })
  return ports
}

function loopback(port: number): string {
  return `candidate:${port} 1 udp 2122 127.0.0.1 ${port} typ host`
}

/** Sends a check to `attempt` and waits for the answer: everything that was begun before has been sent by then. */
async function exchanged(socket: Socket, offer: string, { candidate }: Candidate): Promise<void> {
  const [, , , , host, port] = candidate.split(' ')
  const answered = new Promise<void>((resolve) => {
    socket.on('message', function take(message: Buffer) {
      if (isCheck(message)) return
      socket.off('message', take)
      resolve()
    })
  })
  socket.send(signedCheck(offer), Number(port), host)
  await answered
}

async function bound(t: TestContext): Promise<Socket> {
  const socket = createSocket('udp4')
  t.after(() => socket.close())
  socket.bind(0)
  await once(socket, 'listening')
  return socket
}

async function ownAddress(candidates: readonly Candidate[]): Promise<Candidate> {
  for (;;) {
    const found = candidates.find(({ candidate }) => !candidate.includes('::'))
    if (found) return found
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test('of 170 candidates in a description and as many trickled ones, 24 are probed', async (t) => {
  const ports = watchTargets(t, 20_000, 21_000)
  const { attempt, offer, answer, candidates } = await offered(t)
  const named = Array.from({ length: 170 }, (_, index) => loopback(20_000 + index))
  await attempt.accept(withCandidates(answer, named), { onThisHost: true })
  for (let index = 0; index < 170; index++)
    attempt.addCandidate({ candidate: loopback(20_500 + index), sdpMid: '0', sdpMLineIndex: 0 })
  const socket = await bound(t)
  const target = await ownAddress(candidates)
  while (ports.size < 24) await exchanged(socket, offer, target)
  for (let round = 0; round < 8; round++) await exchanged(socket, offer, target)
  assert.equal(ports.size, 24)
})

test('a peer on another host cannot have the loopback probed', async (t) => {
  const ports = watchTargets(t, 21_000, 22_000)
  const { attempt, offer, answer, candidates } = await offered(t)
  const probed = await bound(t)
  const target = await ownAddress(candidates)
  const [, , , , host] = target.candidate.split(' ')
  const own = `candidate:1 1 udp 2122 ${host} ${probed.address().port} typ host`
  const checked = once(probed, 'message')
  const named = Array.from({ length: 20 }, (_, index) => loopback(21_000 + index))
  await attempt.accept(withCandidates(answer, [...named, own]), { onThisHost: false })
  // The last one is checked, so the others would have been.
  await checked
  for (let round = 0; round < 8; round++) await exchanged(probed, offer, target)
  assert.deepEqual([...ports], [])
})

test('of forty addresses from which signed checks come, eight are checked in return', async (t) => {
  const { attempt, offer, answer, candidates } = await offered(t)
  await attempt.accept(answer, { onThisHost: true })
  const target = await ownAddress(candidates)
  const sockets = await Promise.all(Array.from({ length: 40 }, () => bound(t)))
  const checked = new Set<Socket>()
  for (const socket of sockets)
    socket.on('message', (message: Buffer) => {
      if (isCheck(message)) checked.add(socket)
    })
  for (let round = 0; round < 3; round++)
    await Promise.all(sockets.map((socket) => exchanged(socket, offer, target)))
  assert.equal(checked.size, 8)
})

test('a name in an offer, or in an answer, is looked up by this library and not by werift', async (t) => {
  const names: string[] = []
  t.mock.method(MdnsLookup.prototype, 'lookup', (name: string) => {
    names.push(name)
    return Promise.reject(new Error('nobody has it'))
  })
  const [inOffer, early, inAnswer] = [1, 2, 3].map(
    (digit) => `${digit}0000000-1111-2222-3333-444444444444.local`,
  )
  function named(host: string | undefined): string {
    return `candidate:1 1 udp 2122 ${host} 50077 typ host`
  }
  const { attempt, offer, answer } = await offered(t)
  const answering = start({ iceServers: [], relayOnly: false, onCandidate() {} })
  t.after(() => answering.close())
  answering.addCandidate({ candidate: named(early), sdpMid: '0', sdpMLineIndex: 0 })
  await answering.answer(withCandidates(offer, [named(inOffer)]), { onThisHost: false })
  await attempt.accept(withCandidates(answer, [named(inAnswer)]), { onThisHost: false })
  assert.deepEqual(names, [inOffer, early, inAnswer])
})

test('checks that come for ever leave nothing behind', async () => {
  const connection = new werift.RTCPeerConnection({})
  connection.createDataChannel('any')
  const ice = checkSctpTransport(connection.sctpTransport).dtlsTransport.iceTransport.connection
  applyCandidateRules(ice, new RemoteCandidates({ relayOnly: false, relayMayLearnHosts: false }), [])
  const pending = {
    request: () => new Promise(() => {}),
    localCandidate: new werift.Candidate('1', 1, 'udp', 1, '192.0.2.1', 7, 'host'),
  }
  for (let id = 0; id < 100; id++) {
    const message = new werift.Message(1, 0)
    message.setAttribute('USERNAME', 'us:them').setAttribute('PRIORITY', 1)
    ice.checkIncoming(message, ['192.0.2.2', 9], pending as unknown as IceProtocol)
  }
  assert.deepEqual(
    ice.checkList.map((pair) => pair.requestTransactionIds.size),
    [0],
  )
  await connection.close()
})
