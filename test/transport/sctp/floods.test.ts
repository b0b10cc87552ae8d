/** What a hostile peer can make an association spend on answers, memory and time is bounded. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { packetChecksum } from '../../../transport/sctp/wire/crc32c.ts'
import { Ppid } from '../../../transport/sctp/wire/dcep.ts'
import { ChunkType, MAX_PACKET_BYTES } from '../../../transport/sctp/wire/packet.ts'
import { HostilePeer, PEER_TSN } from './hostile-peer.ts'
import { patterned } from './pair.ts'

const WHOLE = 3

test('the largest HEARTBEAT that fits a packet is answered in full; a larger one is dropped', () => {
  const peer = new HostilePeer()
  const value = patterned(MAX_PACKET_BYTES - 16, 1)
  peer.send(ChunkType.heartbeat, value)
  assert.deepEqual(
    peer.take().map((chunk) => [chunk.type, chunk.value.equals(value)]),
    [[ChunkType.heartbeatAck, true]],
  )
  // Datagrams end at 65,507 bytes, of which records take 37.
  for (const length of [MAX_PACKET_BYTES + 4, 65_470, 65_535]) {
    const packet = Buffer.alloc(length)
    packet.set(peer.header)
    packet[12] = ChunkType.heartbeat
    packet.writeUInt16BE(length - 12, 14)
    packet.writeUInt32LE(packetChecksum(packet, length), 8)
    peer.end.layer.deliver(packet)
    assert.equal(peer.take().length, 0)
  }
})

test('a packet full of chunks that each require an answer gets eight answers', () => {
  const badReset = Buffer.from('000d0010' + '00000001'.repeat(3), 'hex')
  for (const [type, value, answers] of [
    [ChunkType.heartbeat, Buffer.alloc(0), 8],
    [0x7f, Buffer.alloc(0), 1],
    [0xff, Buffer.alloc(0), 8],
    // Two parameters are read of each RE-CONFIG.
    [ChunkType.reconfig, Buffer.concat([badReset, badReset, badReset]), 16],
  ] as const) {
    const peer = new HostilePeer()
    peer.sendAll(Array.from({ length: 500 }, () => ({ type, value })))
    assert.equal(peer.take().length, answers)
    assert.equal(peer.end.association.state, 'open')
  }
})

test('messages of one byte fill the receive window long before they fill the memory, in order or not', () => {
  const options = { receiveWindowBytes: 200_000, maxMessageBytes: 10_000 }
  const unread = new HostilePeer(options)
  unread.end.onMessage = () => {}
  for (let step = 0; step < 1_000; step++) unread.data(step, WHOLE, patterned(1, step))
  assert.equal(unread.end.received.length, 781)
  const early = new HostilePeer(options)
  for (let step = 1; step < 1_000; step++) early.data(step, WHOLE, patterned(1, step))
  assert.deepEqual(early.takeSack()?.blocks, [[2, 782]])
})

test('one packet opens as many gaps as a real one may, however many chunks it holds', () => {
  const peer = new HostilePeer()
  function early(step: number) {
    const header = Buffer.alloc(12)
    header.writeUInt32BE(PEER_TSN + step)
    return { type: ChunkType.data, flags: WHOLE, value: Buffer.concat([header, patterned(1, step)]) }
  }
  // Downwards, so that each chunk moves every gap before it.
  const chunks = Array.from({ length: 3_000 }, (_, index) => early(6_002 - 2 * index))
  peer.sendAll(chunks)
  assert.equal(peer.takeSack()?.blocks.length, 64)
  peer.sendAll(chunks.slice(64))
  assert.equal(peer.takeSack()?.blocks.length, 128)
})

test('a small message retains neither its packet nor a shared pool', () => {
  const peer = new HostilePeer()
  function data(step: number, bytes: number) {
    const header = Buffer.alloc(12)
    header.writeUInt32BE(PEER_TSN + step)
    header.writeUInt32BE(Ppid.binary, 8)
    return { type: ChunkType.data, flags: WHOLE, value: Buffer.concat([header, patterned(bytes, step)]) }
  }
  peer.sendAll([data(1, 20), data(2, 30_000)])
  peer.sendAll([data(0, 300), data(3, 30_000)])
  for (const { payload } of peer.end.received)
    assert.ok(payload.buffer.byteLength <= 2 * payload.length + 64, `${payload.length} bytes`)
  assert.deepEqual(
    peer.end.received.map(({ payload }) => payload.length),
    [300, 20, 30_000, 30_000],
  )
})
