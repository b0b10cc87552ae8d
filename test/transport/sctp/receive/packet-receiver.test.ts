/** What an association does with the chunks that it receives, from a conforming peer or a hostile one. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { ChunkType } from '../../../../transport/sctp/wire/packet.ts'
import { HostilePeer, PEER_TSN } from '../hostile-peer.ts'
import { patterned } from '../pair.ts'

const WHOLE = 3
const BEGIN = 2
const MIDDLE = 0
const END = 1
const IMMEDIATE = 8

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

test('every second packet is acknowledged at the end of the turn, a single one after 20 ms', () => {
  const peer = new HostilePeer()
  peer.data(0, WHOLE, patterned(10, 1))
  assert.equal(peer.takeSack(), undefined)
  peer.run(19)
  assert.equal(peer.takeSack(), undefined)
  peer.run(1)
  assert.equal(peer.takeSack()?.step, 0)
  peer.data(1, WHOLE, patterned(10, 1))
  peer.data(2, WHOLE, patterned(10, 1))
  assert.equal(peer.takeSack()?.step, 2)
})

test('the I bit asks for a SACK at once (RFC 7053)', () => {
  const peer = new HostilePeer()
  peer.data(0, WHOLE | IMMEDIATE, patterned(10, 1))
  assert.equal(peer.takeSack()?.step, 0)
})

test('gaps and duplicates are reported at once, exactly', () => {
  const peer = new HostilePeer()
  for (const step of [2, 3, 5, 9]) peer.data(step, WHOLE, patterned(10, step))
  peer.data(3, WHOLE, patterned(10, 3))
  const blocks = [
    [3, 4],
    [6, 6],
    [10, 10],
  ]
  assert.deepEqual(peer.takeSack(), {
    step: -1,
    windowBytes: peerWindow() - 4 * 256,
    blocks,
    duplicates: [3],
  })
  peer.data(4, WHOLE, patterned(10, 4))
  peer.data(0, WHOLE, patterned(10, 0))
  peer.data(1, WHOLE, patterned(10, 1))
  peer.data(0, WHOLE, patterned(10, 0))
  assert.deepEqual(peer.takeSack(), {
    step: 5,
    windowBytes: peerWindow() - 256,
    blocks: [[4, 4]],
    duplicates: [0],
  })
  assert.deepEqual(
    peer.end.received.map(({ payload }) => payload),
    [0, 1, 2, 3, 4, 5].map((step) => patterned(10, step)),
  )
})

test('on a long path SACKs are at least 1 ms apart, except for the I bit and after 64 packets', () => {
  const peer = new HostilePeer({ roundTripMs: 40 })
  peer.data(1, WHOLE, patterned(10, 1))
  assert.deepEqual(peer.takeSack()?.blocks, [[2, 2]])
  peer.data(3, WHOLE, patterned(10, 3))
  peer.data(4, WHOLE, patterned(10, 4))
  assert.equal(peer.takeSack(), undefined)
  peer.run(1)
  assert.deepEqual(peer.takeSack()?.blocks, [
    [2, 2],
    [4, 5],
  ])
  peer.data(0, WHOLE | IMMEDIATE, patterned(10, 0))
  assert.equal(peer.takeSack()?.step, 1)
  for (let step = 5; step < 5 + 63; step++) peer.data(step, WHOLE, patterned(10, step))
  assert.equal(peer.takeSack(), undefined)
  peer.data(5 + 63, WHOLE, patterned(10, 1))
  assert.deepEqual(peer.takeSack()?.blocks, [[2, 67]])
})

/** The window of the endpoint in these tests: raised to hold a message of 8 MiB. A chunk of ten bytes counts for 256. */
function peerWindow(): number {
  return (8 << 20) + 65_536
}

test('when there are more gaps than fit into a SACK, successive SACKs report all of them', () => {
  const peer = new HostilePeer({ maxPacketBytes: 512 })
  for (let step = 1; step <= 601; step += 2) peer.data(step, WHOLE, patterned(1, step))
  const named = new Set<number>()
  peer.take()
  for (let turn = 0; turn < 4; turn++) {
    peer.data(1, WHOLE, patterned(1, 1))
    for (const [from] of peer.takeSack()?.blocks ?? []) named.add(from ?? 0)
  }
  assert.equal(named.size, 301)
})

test('fragments that arrive in any order become the message', () => {
  const payload = patterned(40, 1)
  const flags = [BEGIN, MIDDLE, MIDDLE, END]
  for (const order of [
    [0, 1, 2, 3],
    [3, 2, 1, 0],
    [1, 3, 0, 2],
  ]) {
    const peer = new HostilePeer()
    for (const step of order) peer.data(step, flags[step] ?? 0, payload.subarray(step * 10, step * 10 + 10))
    assert.deepEqual(
      peer.end.received.map((message) => message.payload),
      [payload],
    )
  }
})

test('fragments that form no message end the association with an ABORT', () => {
  const attacks: ((peer: HostilePeer) => void)[] = [
    (peer) => peer.data(0, MIDDLE, patterned(10, 1)),
    (peer) => peer.data(0, END, patterned(10, 1)),
    (peer) => [0, 1].forEach((step) => peer.data(step, BEGIN, patterned(10, 1))),
    (peer) => [0, 1].forEach((step) => peer.data(step, step === 0 ? BEGIN : END, patterned(10, 1), step)),
    (peer) => peer.data(0, WHOLE, new Uint8Array(0)),
    (peer) => peer.send(ChunkType.data, new Uint8Array(3), WHOLE),
  ]
  for (const attack of attacks) {
    const peer = new HostilePeer()
    attack(peer)
    assert.equal(peer.end.association.state, 'failed')
    assert.equal(peer.end.reason?.code, 'broken_protocol')
    assert.equal(peer.take().at(-1)?.type, ChunkType.abort)
    assert.equal(peer.end.received.length, 0)
  }
})

test('a sender that ignores the receive window cannot exceed it', () => {
  const peer = new HostilePeer({ receiveWindowBytes: 200_000, maxMessageBytes: 10_000 })
  peer.end.onMessage = () => {}
  for (let step = 0; step < 400; step++) peer.data(step, WHOLE, patterned(1_000, step))
  assert.equal(peer.end.receivedBytes, 200_000)
  assert.deepEqual(peer.takeSack(), { step: 199, windowBytes: 0, blocks: [], duplicates: [] })
  const held = new HostilePeer({ receiveWindowBytes: 200_000, maxMessageBytes: 10_000 })
  for (let step = 1; step < 400; step++) held.data(step, WHOLE, patterned(1_000, step))
  const kept = held.takeSack()?.blocks[0]
  assert.deepEqual(kept, [2, 201])
  // The missing chunk is still accepted: without it the window could never move on.
  held.data(0, WHOLE, patterned(1_000, 0))
  assert.equal(held.end.received.length, 201)
})

test('FORWARD-TSN skips abandoned messages and delivers complete ones', () => {
  const peer = new HostilePeer()
  peer.data(1, WHOLE, patterned(10, 1))
  peer.data(2, BEGIN, patterned(10, 2))
  peer.data(5, WHOLE, patterned(10, 5))
  peer.send(ChunkType.forwardTsn, uint32(PEER_TSN + 4))
  assert.deepEqual(
    peer.end.received.map(({ payload }) => payload),
    [patterned(10, 1), patterned(10, 5)],
  )
  assert.equal(peer.takeSack()?.step, 5)
  peer.data(6, BEGIN, patterned(10, 6))
  peer.send(ChunkType.forwardTsn, uint32(PEER_TSN + 7))
  peer.data(8, END, patterned(10, 8))
  assert.equal(peer.end.association.state, 'open', 'the rest of an abandoned message may still come')
  peer.data(9, WHOLE, patterned(10, 9))
  assert.deepEqual(peer.end.received.at(-1)?.payload, patterned(10, 9))
  assert.equal(peer.end.received.length, 3)
})

test('a FORWARD-TSN may advance by up to 2^31 - 1; one that goes back changes nothing', () => {
  for (const step of [0, 1_000_000, 2 ** 31 - 2]) {
    const peer = new HostilePeer()
    peer.data(3, WHOLE, patterned(10, 3))
    peer.send(ChunkType.forwardTsn, uint32(PEER_TSN + step))
    peer.data(step + 1, WHOLE, patterned(10, 1))
    peer.run(20)
    assert.equal(peer.takeSack()?.step, step + 1)
    assert.equal(peer.end.received.length, step === 0 ? 1 : 2)
  }
  for (const step of [-1, -50_000, 2 ** 31]) {
    const peer = new HostilePeer()
    peer.send(ChunkType.forwardTsn, uint32(PEER_TSN + step))
    peer.data(0, WHOLE, patterned(10, 0))
    peer.run(20)
    assert.equal(peer.takeSack()?.step, 0)
  }
})

test('a peer that restarts its association ends this one, because data in flight is lost', () => {
  const peer = new HostilePeer()
  peer.data(0, WHOLE | IMMEDIATE, patterned(10, 0))
  peer.echoCookie(peer.requestCookie(peer.peerTag))
  assert.deepEqual(
    peer.take().map(({ type }) => type),
    [ChunkType.cookieAck],
    'a repeated COOKIE ECHO is answered again',
  )
  peer.data(1, WHOLE | IMMEDIATE, patterned(10, 1))
  assert.equal(peer.takeSack()?.step, 1, 'and changes nothing')
  const another = peer.requestCookie(peer.peerTag + 1)
  const forged = Buffer.from(another).fill(0, 60)
  peer.echoCookie(forged)
  assert.equal(peer.end.association.state, 'open', 'a forged cookie changes nothing')
  peer.echoCookie(another)
  assert.equal(peer.end.association.state, 'failed')
})

test('packets with a wrong verification tag are dropped unread', () => {
  const peer = new HostilePeer()
  const abort = [0, 1, 0xffffffff]
  for (const tag of abort) peer.send(ChunkType.abort, new Uint8Array(0), 0, tag)
  assert.equal(peer.end.association.state, 'open')
  assert.equal(peer.end.association.stats.packetsRefused, 3)
  peer.send(ChunkType.abort, new Uint8Array(0), 1, peer.peerTag)
  assert.equal(peer.end.association.state, 'closed', "with the T bit the tag is the peer's own")
})

test('unknown chunks are reported or skipped silently, depending on their highest bits', () => {
  for (const [type, reported] of [
    [0x3f, false],
    [0x7f, true],
    [0xbf, false],
    [0xff, true],
  ] as const) {
    const peer = new HostilePeer()
    peer.send(type, uint32(1))
    assert.deepEqual(
      peer.take().map((chunk) => chunk.type),
      reported ? [ChunkType.error] : [],
    )
    assert.equal(peer.end.association.state, 'open')
  }
})

test('a HEARTBEAT is answered with its own value', () => {
  const peer = new HostilePeer()
  peer.send(ChunkType.heartbeat, patterned(40, 1))
  assert.deepEqual(peer.take(), [{ type: ChunkType.heartbeatAck, flags: 0, value: patterned(40, 1) }])
})
