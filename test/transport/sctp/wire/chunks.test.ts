/** Every chunk type as literal bytes, encoded and decoded, and what happens to truncated ones. */
import assert from 'node:assert/strict'
import test from 'node:test'
import {
  decodeCookieEcho,
  encodeCookieAck,
  encodeCookieEcho,
} from '../../../../transport/sctp/wire/cookie-chunk.ts'
import { DataChunk, DataFlag, decodeData, encodeData } from '../../../../transport/sctp/wire/data-chunk.ts'
import {
  decodeFirstCause,
  encodeAbort,
  encodeStaleCookieError,
  encodeUnrecognizedChunkError,
  ErrorCause,
} from '../../../../transport/sctp/wire/error-chunk.ts'
import { decodeForwardTsn } from '../../../../transport/sctp/wire/forward-tsn-chunk.ts'
import {
  decodeHeartbeat,
  decodeHeartbeatAck,
  encodeHeartbeat,
  encodeHeartbeatAck,
  encodePad,
} from '../../../../transport/sctp/wire/heartbeat-chunk.ts'
import { PACKET_HEADER_BYTES, PacketWriter } from '../../../../transport/sctp/wire/packet.ts'
import {
  decodeReconfig,
  encodeOutgoingReset,
  encodeReconfigResponse,
} from '../../../../transport/sctp/wire/reconfig-chunk.ts'
import { decodeSack, encodeSack, Sack, sackEntriesIn } from '../../../../transport/sctp/wire/sack-chunk.ts'
import {
  decodeShutdown,
  encodeShutdown,
  encodeShutdownAck,
  encodeShutdownComplete,
} from '../../../../transport/sctp/wire/shutdown-chunk.ts'

/** The chunks that `write` appends to a packet, as hexadecimal digits. */
function written(write: (writer: PacketWriter) => void): string {
  const writer = new PacketWriter(5_000, 5_000)
  writer.begin(1)
  write(writer)
  return writer.bytes.toString('hex', PACKET_HEADER_BYTES, writer.length)
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex, 'hex')
}

const nonce = bytesOf('0102030405060708')
const reset = { sequence: 7, responseSequence: 6, lastTsn: 0xfffffffe, streamIds: [1, 2, 3] }

test('control chunks have the bytes of the RFCs', () => {
  for (const [chunk, hex] of [
    [encodeCookieEcho(bytesOf('aabbcc')), '0a000007aabbcc00'],
    [encodeCookieAck(), '0b000004'],
    [encodeHeartbeat(nonce), '040000100001000c0102030405060708'],
    [encodeHeartbeatAck(bytesOf('aabb')), '05000006aabb0000'],
    [encodeAbort(ErrorCause.userInitiatedAbort), '06000008000c0004'],
    [encodeUnrecognizedChunkError(bytesOf('0000ff0000051100'), 2, 5), '0900001000060009ff00000511000000'],
    [encodeStaleCookieError(), '0900000c0003000800000000'],
    [encodeShutdown(0xdeadbeef), '07000008deadbeef'],
    [encodeShutdownAck(), '08000004'],
    [encodeShutdownComplete(), '0e000004'],
    [encodeOutgoingReset(reset), '8200001c000d00160000000700000006fffffffe0001000200030000'],
    [encodeReconfigResponse(7, 1), '820000100010000c0000000700000001'],
  ] as const)
    assert.equal(
      written((writer) => writer.append(chunk)),
      hex,
    )
})

test('a DATA chunk has the bytes of RFC 9260 and decodes to the same values', () => {
  const fields = { tsn: 0xfffffffe, flags: DataFlag.begin | DataFlag.immediate, streamId: 5 }
  const more = { streamSequence: 0xffff, ppid: 53, payloadBytes: 5 }
  const payload = { bytes: Buffer.from('xxvoltxx'), payloadAt: 2 }
  const data = Object.assign(new DataChunk(), fields, more, payload)
  const hex = '000a0015fffffffe0005ffff00000035' + '766f6c7478' + '000000'
  assert.equal(
    written((writer) => encodeData(writer, data)),
    hex,
  )
  const decoded = new DataChunk()
  const bytes = bytesOf('ffffffff' + hex)
  assert.equal(decodeData(bytes, 4, 21, decoded), true)
  assert.deepEqual(decoded, Object.assign(new DataChunk(), fields, more, { bytes, payloadAt: 20 }))
  for (let length = 0; length < 16; length++) assert.equal(decodeData(bytes, 4, length, decoded), false)
  assert.equal(decodeData(bytes, 4, 16, decoded), true)
  assert.equal(decoded.payloadBytes, 0)
})

test('a SACK has the bytes of RFC 9260 and decodes to the same values', () => {
  const sack = new Sack()
  sack.reset(0x01020304, 0x8000)
  sack.addBlock(2, 3)
  sack.addBlock(5, 0xffff)
  sack.addDuplicate(0xfffffffe)
  const hex = '0300001c' + '01020304' + '00008000' + '00020001' + '00020003' + '0005ffff' + 'fffffffe'
  assert.equal(
    written((writer) => encodeSack(writer, sack)),
    hex,
  )
  const decoded = new Sack()
  decoded.addBlock(9, 9)
  const bytes = bytesOf(hex)
  for (let length = 0; length < 28; length++) assert.equal(decodeSack(bytes, 0, length, decoded), false)
  assert.equal(decodeSack(bytes, 0, 28, decoded), true)
  assert.equal(
    written((writer) => encodeSack(writer, decoded)),
    hex,
  )
  assert.deepEqual(
    [decoded.blockStart(1), decoded.blockEnd(1), decoded.duplicateTsn(0)],
    [5, 65_535, 0xfffffffe],
  )
})

test('a SACK as large as a packet keeps every gap block and duplicate', () => {
  const entries = sackEntriesIn(65_000)
  assert.equal(entries, 16_246)
  const sack = new Sack()
  for (let index = 0; index < entries - 1_000; index++) sack.addBlock(index + 1, index + 2)
  for (let index = 0; index < 1_000; index++) sack.addDuplicate(index)
  const hex = written((writer) => encodeSack(writer, sack))
  const decoded = new Sack()
  assert.equal(decodeSack(bytesOf(hex), 0, 16 + 4 * entries, decoded), true)
  assert.equal(
    written((writer) => encodeSack(writer, decoded)),
    hex,
  )
  assert.equal(sackEntriesIn(10), 0)
})

test('control chunks decode to their values; truncated ones are rejected', () => {
  assert.deepEqual(decodeCookieEcho(bytesOf('0a000007aabbcc00'), 0, 7), bytesOf('aabbcc'))
  assert.deepEqual(decodeHeartbeat(bytesOf('04000006aabb0000'), 0, 6), bytesOf('aabb'))
  const answer = bytesOf('050000100001000c0102030405060708')
  assert.deepEqual(decodeHeartbeatAck(answer, 0, 16), nonce)
  assert.equal(decodeHeartbeatAck(bytesOf('050000100002000c0102030405060708'), 0, 16), undefined)
  for (const length of [4, 8, 15, 17, 20]) assert.equal(decodeHeartbeatAck(answer, 0, length), undefined)
  assert.equal(decodeFirstCause(bytesOf('06000008000c0004'), 0, 8), ErrorCause.userInitiatedAbort)
  for (const length of [4, 7]) assert.equal(decodeFirstCause(bytesOf('06000008000c0004'), 0, length), 0)
  const shutdown = bytesOf('07000008deadbeef00000000')
  assert.equal(decodeShutdown(shutdown, 0, 8), 0xdeadbeef)
  for (const length of [4, 7, 9, 12]) assert.equal(decodeShutdown(shutdown, 0, length), undefined)
  const forward = bytesOf('c000000cdeadbeef00010002')
  for (const length of [8, 12]) assert.equal(decodeForwardTsn(forward, 0, length), 0xdeadbeef)
  for (const length of [4, 7]) assert.equal(decodeForwardTsn(forward, 0, length), undefined)
})

test('a RE-CONFIG decodes to its first two parameters; damaged ones are left out', () => {
  function decoded(...parameters: string[]) {
    const bytes = bytesOf('82000000' + parameters.join(''))
    return decodeReconfig(bytes, 0, bytes.length)
  }
  const outgoing = '000d0016' + '00000007' + '00000006' + 'fffffffe' + '000100020003' + '0000'
  const response = '0010000c' + '00000007' + '00000001'
  const request = { kind: 'outgoing reset', ...reset }
  const answer = { kind: 'response', sequence: 7, result: 1 }
  assert.deepEqual(decoded(outgoing, response, response), [request, answer])
  assert.deepEqual(decoded('000d0010' + '00000007' + '00000006' + 'fffffffe'), [
    { ...request, streamIds: [] },
  ])
  const unsupported = { kind: 'unsupported request', sequence: 7 }
  // An incoming reset, and an outgoing one without its TSN.
  assert.deepEqual(decoded('000e0008' + '00000007', '000d000c' + '00000007' + '00000006'), [
    unsupported,
    unsupported,
  ])
  assert.deepEqual(decoded('00100008' + '00000007', '00130008' + '00000007'), [])
  assert.deepEqual(decoded('000e0007' + '00000700', response), [answer])
  assert.deepEqual(decoded('000e0003', response), [])
  assert.deepEqual(decoded('000e0020' + '00000007'), [])
})

test('a PAD chunk fills the packet exactly, or is left out where it does not fit', () => {
  const packet = written((writer) => {
    writer.append(encodeHeartbeat(nonce))
    encodePad(writer, 48)
  })
  assert.equal(packet, '040000100001000c0102030405060708' + '84000014' + '00'.repeat(16))
  assert.equal(
    written((writer) => encodePad(writer, 16)),
    '84000004',
  )
  assert.equal(
    written((writer) => encodePad(writer, 12)),
    '',
  )
})
