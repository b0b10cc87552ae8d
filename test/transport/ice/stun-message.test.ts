import assert from 'node:assert/strict'
import test from 'node:test'
import { errorCode, isSignedWith, readStun, USERNAME } from '../../../transport/ice/stun-message.ts'
import { counted } from './counted.ts'
import { checkBytes, fingerprintChain, fingerprinted, signed, stunBytes } from './stun-bytes.ts'

/** RFC 5769 sections 2.1 and 2.2. */
const PASSWORD = Buffer.from('VOkJxbRl1RmTxUk/WvJxBt')
const SAMPLE_REQUEST = Buffer.from(
  '000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff' +
    '80290008932ff9b151263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249' +
    'c1b571a280280004e57a3bcf',
  'hex',
)
const SAMPLE_RESPONSE = Buffer.from(
  '0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643' +
    '000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96',
  'hex',
)
const IPV4 = Buffer.from('0001a147e112a643', 'hex')

test('the messages of RFC 5769 are read, and their signatures are right under their password alone', () => {
  const request = readStun(SAMPLE_REQUEST)
  assert.ok(request)
  assert.deepEqual([request.messageClass, request.method], ['request', 1])
  assert.equal(request.transactionId, 'b7e7a701bc34d686fa87dfae')
  assert.equal(request.attributes.get(USERNAME)?.toString(), 'evtj:h6vY')
  assert.ok(isSignedWith(request, PASSWORD))
  assert.ok(!isSignedWith(request, Buffer.from('another')))
  const response = readStun(SAMPLE_RESPONSE)
  assert.ok(response)
  assert.equal(response.messageClass, 'success')
  assert.ok(isSignedWith(response, PASSWORD))
})

test('no byte of a signed message can be altered or cut off', () => {
  for (let at = 0; at < SAMPLE_REQUEST.length; at++) {
    const altered = Buffer.from(SAMPLE_REQUEST)
    altered[at] = (altered[at] ?? 0) ^ 0x41
    const read = readStun(altered)
    // A FINGERPRINT that is none any more is cut off, as it is not signed.
    const isCut = at >= 100 && read?.bytes.length === 100
    assert.ok(!read || isCut || !isSignedWith(read, PASSWORD), `byte ${at}`)
    assert.equal(readStun(SAMPLE_REQUEST.subarray(0, at)), undefined, `cut at ${at}`)
  }
})

test('FINGERPRINT is refused when it is wrong, repeated or not last', () => {
  const plain = stunBytes(0x0001, [[0x8022, Buffer.from('x')]])
  const right = fingerprinted(plain)
  assert.ok(readStun(right))
  const wrong = Buffer.from(right)
  wrong[wrong.length - 1] = (wrong.at(-1) ?? 0) ^ 1
  assert.equal(readStun(wrong), undefined)
  assert.equal(readStun(fingerprinted(right)), undefined)
  assert.equal(readStun(signed(right, 'secret')), undefined)
  assert.equal(readStun(stunBytes(0x0001, [[0x8028, Buffer.alloc(8)]])), undefined)
})

test('attributes that need not be understood are skipped, and others make a message unusable', () => {
  for (const type of [0xc057, 0xc001, 0x8023 + 0x1000, 0xffff]) {
    assert.ok(readStun(checkBytes('us', 'secret', [[type, Buffer.from([0, 1, 0, 10])]])), `type ${type}`)
  }
  for (const type of [0x0000, 0x0002, 0x0026, 0x7fff]) {
    assert.equal(readStun(checkBytes('us', 'secret', [[type, Buffer.alloc(4)]])), undefined, `type ${type}`)
  }
})

test('what follows MESSAGE-INTEGRITY counts for nothing and is cut off', () => {
  const check = signed(stunBytes(0x0001, [[USERNAME, Buffer.from('us:them')]]), 'secret')
  const body = Buffer.from('00250000', 'hex')
  const grown = Buffer.concat([check, body])
  grown.writeUInt16BE(grown.length - 20, 2)
  const message = readStun(grown)
  assert.ok(message)
  assert.ok(!message.attributes.has(0x0025))
  assert.ok(message.bytes.equals(check))
  assert.ok(isSignedWith(message, Buffer.from('secret')))
})

test('an error response is one only with a code that the protocol knows', () => {
  function codeOf(value: string) {
    const message = readStun(stunBytes(0x0111, [[0x0009, Buffer.from(value, 'hex')]]))
    return message && errorCode(message)
  }
  assert.equal(codeOf('00000457'), 487)
  assert.equal(codeOf('00000126'), undefined)
  assert.equal(codeOf('0000'), undefined)
})

const largest = 65_507
const addresses = stunBytes(
  0x0101,
  Array.from({ length: 60 }, () => [0x0020, Buffer.alloc(1_080)] as const),
)
for (const [name, datagram] of [
  ['a chain of right FINGERPRINTs', fingerprintChain(largest)],
  ['a longest address', stunBytes(0x0101, [[0x0020, Buffer.alloc(65_400)]])],
  ['many long addresses', addresses],
  [
    'nothing but empty attributes',
    stunBytes(
      0x0101,
      Array.from({ length: 16_000 }, () => [0xc057, IPV4.subarray(0, 0)] as const),
    ),
  ],
  [
    'different attributes',
    stunBytes(
      0x0101,
      Array.from({ length: 16_000 }, (_, type) => [0x9000 + type, IPV4.subarray(0, 0)] as const),
    ),
  ],
  [
    'a longest DATA',
    stunBytes(0x0017, [
      [0x0012, IPV4],
      [0x0013, Buffer.alloc(65_000)],
    ]),
  ],
  [
    'a longest DATA with FINGERPRINT',
    fingerprinted(
      stunBytes(0x0017, [
        [0x0012, IPV4],
        [0x0013, Buffer.alloc(65_000)],
      ]),
    ),
  ],
  [
    'a longest signed message',
    fingerprinted(signed(stunBytes(0x0001, [[0xc057, Buffer.alloc(65_000)]]), 'secret')),
  ],
] as const) {
  test(`a datagram costs no more than a few times its length: ${name}`, () => {
    assert.ok(datagram.length > 60_000)
    const { buffer, cost } = counted(datagram)
    const message = readStun(buffer)
    if (message) isSignedWith(message, PASSWORD)
    assert.ok(cost() <= 4 * datagram.length, `${cost()} for ${datagram.length} bytes`)
  })
}
