/** Stream resets (RFC 6525) between two associations. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { ChunkType } from '../../../transport/sctp/wire/packet.ts'
import { HostilePeer, OUR_TSN, PEER_TSN } from './hostile-peer.ts'
import { openPair, patterned } from './pair.ts'

/** An outgoing reset request (section 4.1) for stream 1; its number is counted from the peer's first. */
function request(sequenceStep: number, lastStep: number, type = 13): Buffer {
  const value = Buffer.alloc(20)
  value.writeUInt16BE(type, 0)
  value.writeUInt16BE(18, 2)
  value.writeUInt32BE(PEER_TSN + sequenceStep, 4)
  value.writeUInt32BE(OUR_TSN - 1, 8)
  value.writeUInt32BE(PEER_TSN + lastStep, 12)
  value.writeUInt16BE(1, 16)
  return value
}

/** The responses since the last call: number of the request, counted from the peer's first, and result. */
function results(peer: HostilePeer): number[][] {
  const responses = peer
    .take()
    .filter(({ type, value }) => type === ChunkType.reconfig && value.readUInt16BE() === 16)
  return responses.map(({ value }) => [value.readUInt32BE(4) - PEER_TSN, value.readUInt32BE(8)])
}

const PERFORMED = 1
const DENIED = 2
const BAD_SEQUENCE = 5
const IN_PROGRESS = 6

test('a reset is performed once, when all chunks sent before it have arrived', () => {
  const peer = new HostilePeer()
  peer.send(ChunkType.reconfig, request(0, 1))
  assert.deepEqual([results(peer), peer.end.resets], [[[0, IN_PROGRESS]], []])
  peer.data(1, 3, patterned(10, 1), 1)
  assert.deepEqual([results(peer), peer.end.resets], [[], []])
  peer.data(0, 3, patterned(10, 0), 1)
  assert.deepEqual([results(peer), peer.end.resets], [[[0, PERFORMED]], [1]])
  peer.send(ChunkType.reconfig, request(0, 1))
  assert.deepEqual([results(peer), peer.end.resets], [[[0, PERFORMED]], [1]])
})

test('requests with a wrong number and of kinds that WebRTC does not use are refused', () => {
  const peer = new HostilePeer()
  peer.send(ChunkType.reconfig, request(5, -1))
  peer.send(ChunkType.reconfig, request(0, -1, 14))
  peer.send(ChunkType.reconfig, request(0, -1, 14))
  peer.send(ChunkType.reconfig, request(1, -1))
  assert.deepEqual(results(peer), [
    [5, BAD_SEQUENCE],
    [0, DENIED],
    [0, DENIED],
    [1, PERFORMED],
  ])
  assert.deepEqual(peer.end.resets, [1])
})

test('a peer that does not announce support for resets is sent none', () => {
  const peer = new HostilePeer({ reconfig: false })
  peer.end.association.resetStream(2)
  peer.run(5_000)
  assert.deepEqual(peer.take(), [])
  assert.deepEqual(peer.end.resetsDone, [{ streamId: 2, performed: false }])
})

test('a reset waits until everything sent on its stream has arrived', () => {
  const { a, b, time } = openPair({ seed: 2, ab: { delayMs: 30, loss: 0.1 } })
  a.association.send(4, 53, patterned(100_000, 1))
  a.association.resetStream(4)
  b.onReset = () => assert.equal(b.receivedBytes, 100_000)
  assert.ok(time.run(60_000, () => a.resetsDone.length === 1))
  assert.deepEqual(b.resets, [4])
  assert.deepEqual(a.resetsDone, [{ streamId: 4, performed: true }])
})

test('other streams carry on while one is reset, and the stream can be used again afterwards', () => {
  const { a, b, time } = openPair()
  a.association.send(4, 53, patterned(10, 1))
  a.association.resetStream(4)
  assert.throws(() => a.association.send(4, 53, patterned(1, 1)), { code: 'internal' })
  a.association.send(5, 53, patterned(10, 2))
  assert.ok(time.run(5_000, () => a.resetsDone.length === 1 && b.received.length === 2))
  a.association.send(4, 53, patterned(10, 3))
  assert.ok(time.run(5_000, () => b.received.length === 3))
})

test('both sides reset many streams at once, each exactly once, despite packet loss', () => {
  const ids = Array.from({ length: 450 }, (_, index) => index)
  const { a, b, time } = openPair({ seed: 7, ab: { delayMs: 20, loss: 0.3 } })
  for (const id of ids) a.association.resetStream(id)
  for (const id of ids) b.association.resetStream(id)
  assert.ok(time.run(120_000, () => a.resetsDone.length === 450 && b.resetsDone.length === 450))
  assert.deepEqual(a.resets, ids)
  assert.deepEqual(b.resets, ids)
})

test('a reset requested right after opening is performed', () => {
  const { a, b, time } = openPair()
  a.association.resetStream(0)
  assert.ok(time.run(5_000, () => b.resets.length === 1))
})

test('an association fails after ten retransmissions of a reset that is never answered', () => {
  const { a, ab, time } = openPair()
  let requests = 0
  const send = ab.send.bind(ab)
  ab.send = (packet) => {
    if (packet[12] === ChunkType.reconfig) requests++
    else send(packet)
  }
  a.association.resetStream(2)
  assert.ok(time.run(200_000, () => a.association.state === 'failed'))
  assert.equal(requests, 11)
})
