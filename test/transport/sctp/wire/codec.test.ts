/** What is on the wire: serial numbers, checksum, packets, INIT, cookie, DCEP. The other chunks are in chunks.test.ts. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { CookieJar } from '../../../../transport/sctp/wire/cookie-chunk.ts'
import { packetChecksum, updateCrc32c } from '../../../../transport/sctp/wire/crc32c.ts'
import { decodeDcep, encodedAck, encodeOpen } from '../../../../transport/sctp/wire/dcep.ts'
import { decodeInit, encodeInit, type Init } from '../../../../transport/sctp/wire/init-chunk.ts'
import { PacketReader, PacketWriter } from '../../../../transport/sctp/wire/packet.ts'
import { add32, distance32, isAfter32, next16 } from '../../../../transport/sctp/wire/serial-number.ts'

const peer: Init = {
  tag: 0xdeadbeef,
  windowBytes: 1_000_000,
  outgoingStreams: 1_024,
  incomingStreams: 2_048,
  initialTsn: 0xffffffff,
  zeroChecksum: true,
  reconfig: true,
}

function chunk(type: number, value: Uint8Array): Buffer {
  const header = Buffer.from([type, 0, 0, 0])
  header.writeUInt16BE(4 + value.length, 2)
  return Buffer.concat([header, value])
}

test('TSNs are compared modulo 2^32', () => {
  for (const edge of [0, 10, 1_000_000_000, 2 ** 31, 2 ** 32 - 1]) {
    const before = add32(edge, -1)
    assert.equal(isAfter32(edge, before), true)
    assert.equal(isAfter32(before, edge), false)
    assert.equal(distance32(before, edge), 1)
    assert.equal(isAfter32(edge, edge), false)
  }
  assert.equal(add32(0xffffffff, 1), 0)
  assert.equal(isAfter32(add32(7, 2 ** 31), 7), false)
  assert.equal(next16(0xffff), 0)
})

test('CRC32c gives the check value of RFC 9260 appendix A and of RFC 3720 appendix B.4', () => {
  function crc(bytes: Uint8Array): number {
    return ~updateCrc32c(-1, bytes, 0, bytes.length) >>> 0
  }
  assert.equal(crc(Buffer.from('123456789')), 0xe3069283)
  assert.equal(crc(Buffer.alloc(32)), 0x8a9136aa)
  assert.equal(crc(Buffer.alloc(32, 0xff)), 0x62a8ab43)
  assert.equal(crc(Buffer.from(Array.from({ length: 32 }, (_, index) => index))), 0x46dd794e)
})

function isAccepted(packet: Uint8Array, acceptsZeroChecksum: boolean): boolean {
  return new PacketReader().open(packet, acceptsZeroChecksum)
}

test('a packet with any changed bit is refused, a zero checksum only by a side that has not offered to accept it', () => {
  const writer = new PacketWriter(5_000, 5_000)
  writer.begin(7)
  writer.append({ type: 6, flags: 0, value: Buffer.alloc(33, 0xaa) })
  const packet = Buffer.from(writer.finish(false))
  assert.equal(isAccepted(packet, false), true)
  assert.equal(packet.readUInt32LE(8), packetChecksum(packet, packet.length))
  for (let bit = 0; bit < packet.length * 8; bit++) {
    const changed = Buffer.from(packet)
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    assert.equal(isAccepted(changed, false), false, `bit ${bit}`)
  }
  const zero = Buffer.from(writer.finish(true))
  assert.equal(isAccepted(zero, true), true)
  assert.equal(isAccepted(zero, false), false)
})

test('a chunk length beyond the packet or below the header ends the reading', () => {
  const reader = new PacketReader()
  const packet = Buffer.alloc(24)
  for (const [length, expected] of [
    [4, 4],
    [12, 12],
    [13, 0],
    [65_535, 0],
    [3, 0],
    [0, 0],
  ] as const) {
    packet.writeUInt16BE(length, 14)
    assert.equal(reader.open(packet, true), true)
    assert.equal(reader.next(), expected > 0)
    assert.equal(reader.length, expected)
  }
  // The last chunk leaves two bytes, too few for a header.
  packet.writeUInt16BE(10, 14)
  assert.equal(reader.open(packet.subarray(0, 22), true), true)
  assert.deepEqual([reader.next(), reader.length, reader.next()], [true, 10, false])
})

test('a reader goes through the chunks of a packet in order', () => {
  const writer = new PacketWriter(1, 2)
  writer.begin(0xdeadbeef)
  writer.append({ type: 4, flags: 0, value: Buffer.alloc(5, 1) })
  writer.append({ type: 14, flags: 1, value: Buffer.alloc(0) })
  const reader = new PacketReader()
  assert.ok(reader.open(Buffer.from(writer.finish(false)), false))
  const { sourcePort, destinationPort, verificationTag, type, isOnlyChunk } = reader
  assert.deepEqual(
    [sourcePort, destinationPort, verificationTag, type, isOnlyChunk],
    [1, 2, 0xdeadbeef, 4, false],
  )
  const chunks: number[][] = []
  while (reader.next()) chunks.push([reader.type, reader.flags, reader.at, reader.length])
  assert.deepEqual(chunks, [
    [4, 0, 12, 9],
    [14, 1, 24, 4],
  ])
})

test('an INIT has the bytes of RFC 9260 and of the extensions, and decodes to the same values', () => {
  const { value } = encodeInit(peer)
  assert.equal(
    Buffer.from(value).toString('hex'),
    'deadbeef000f424004000800ffffffff' + 'c0000004' + '8008000782c08400' + '8001000800000001',
  )
  assert.deepEqual(decodeInit(chunk(1, value), 0, 4 + value.length), peer)
})

test('an INIT ACK carries its cookie; one that is truncated, has a zero tag or a false length is rejected', () => {
  const withCookie = { ...peer, cookie: Uint8Array.of(1, 2, 3) }
  const { value } = encodeInit(withCookie)
  const whole = chunk(2, value)
  assert.deepEqual(decodeInit(whole, 0, whole.length), withCookie)
  for (let length = 0; length < 20; length++) assert.equal(decodeInit(whole, 0, length), undefined)
  const noTag = Buffer.from(whole)
  noTag.writeUInt32BE(0, 4)
  assert.equal(decodeInit(noTag, 0, noTag.length), undefined)
  const lying = Buffer.from(whole)
  lying.writeUInt16BE(200, 22)
  assert.equal(decodeInit(lying, 0, lying.length), undefined)
})

test('an unknown INIT parameter is skipped or ends the reading, depending on its highest bit', () => {
  function parameter(type: number): Buffer {
    return Buffer.from([type >> 8, type & 255, 0, 6, 9, 9, 0, 0])
  }
  const skipped = chunk(
    1,
    Buffer.concat([encodeInit({ ...peer, zeroChecksum: false }).value, parameter(0x9999)]),
  )
  assert.equal(decodeInit(skipped, 0, skipped.length)?.reconfig, true)
  const fixed = encodeInit(peer).value
  const ended = chunk(1, Buffer.concat([fixed.subarray(0, 16), parameter(0x1999), fixed.subarray(16)]))
  assert.equal(decodeInit(ended, 0, ended.length)?.reconfig, false)
})

test('a cookie is accepted only unchanged, from the association that made it, and for one minute', () => {
  const jar = new CookieJar(Buffer.alloc(32, 1), 5)
  const cookie = jar.seal(peer, 1_000)
  assert.deepEqual(jar.open(cookie, 60_999), { peer, ageMs: 59_999 })
  assert.equal(jar.open(cookie, 61_001), 'stale')
  assert.equal(new CookieJar(Buffer.alloc(32, 2), 5).open(cookie, 1_000), undefined)
  assert.equal(jar.open(cookie.subarray(1), 1_000), undefined)
  for (let at = 0; at < cookie.length; at++) {
    const changed = Buffer.from(cookie)
    changed[at] = (changed[at] ?? 0) ^ 1
    assert.equal(jar.open(changed, 1_000), undefined, `byte ${at}`)
  }
})

test('a DCEP OPEN has the bytes of RFC 8832 and decodes to the same values; anything else is rejected', () => {
  const open = { label: 'volt', protocol: 'p', isOrdered: false }
  const bytes = encodeOpen(open)
  assert.equal(bytes.toString('hex'), '0380000000000000' + '00040001' + '766f6c74' + '70')
  assert.deepEqual(decodeDcep(bytes), open)
  assert.equal(decodeDcep(encodedAck), 'ack')
  for (let length = 0; length < bytes.length; length++)
    assert.equal(decodeDcep(bytes.subarray(0, length)), undefined)
  assert.equal(decodeDcep(Buffer.concat([bytes, bytes])), undefined)
  assert.equal(decodeDcep(Buffer.from([2, 0])), undefined)
})
