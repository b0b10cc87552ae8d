/** Transfer messages: the same five tests for each, and what a correct peer never sends. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VoltdropError, failureCodes } from '../../../protocol/errors.ts'
import { decodeFrame } from '../../../protocol/transfer/frames.ts'
import type { Frame } from '../../../protocol/transfer/frames.ts'
import {
  encodeAccept,
  encodeDecline,
  encodeHello,
  encodeOffer,
} from '../../../protocol/transfer/opening-frames.ts'
import type { HelloBody, OfferBody } from '../../../protocol/transfer/opening-frames.ts'
import { encodeAgain, encodeChunk, encodeReceived } from '../../../protocol/transfer/data-frames.ts'
import { encodeBye, encodeEnd, encodeError, encodeSaved } from '../../../protocol/transfer/closing-frames.ts'
import type { Failure } from '../../../protocol/errors.ts'

const sha256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
const hello: HelloBody = { version: 1, capabilities: ['resume', 'folders'], agent: 'voltdrop/0.1.0' }
const offer: OfferBody = {
  transfer: '000102030405060708090a0b0c0d0e0f',
  entries: [{ path: 'cells.csv', kind: 'file', size: 1234, mtime_ms: 1_700_000_000_000 }],
  files: 1,
  bytes: 1234,
}
const end = { entry: 0, size: 1234, crc32: 'cbf43926', sha256 }
const saved = { entry: 0, crc32: 'cbf43926', sha256 }
const chunk = { entry: 7, offset: 2 ** 53 - 1, crc32: 0xcbf43926, bytes: Uint8Array.of(1, 2, 3) }

/** One message of each type, what it must decode to, and the greatest length that its layout allows. */
const samples: { message: Uint8Array; frame: Frame; longest: number }[] = [
  { message: encodeHello(hello), frame: { type: 'hello', ...hello }, longest: 61_441 },
  { message: encodeOffer(offer), frame: { type: 'offer', ...offer }, longest: 61_441 },
  {
    message: encodeAccept({ window: 65_536, have: [0] }),
    frame: { type: 'accept', window: 65_536, have: [0] },
    longest: 61_441,
  },
  {
    message: encodeDecline('too_large'),
    frame: { type: 'decline', reason: 'too_large' },
    longest: 61_441,
  },
  { message: encodeChunk(chunk), frame: { type: 'chunk', ...chunk }, longest: 64_529 },
  {
    message: encodeReceived(2 ** 40 + 5),
    frame: { type: 'received', bytes: 2 ** 40 + 5 },
    longest: 9,
  },
  { message: encodeAgain(7, 64_512), frame: { type: 'again', entry: 7, offset: 64_512 }, longest: 13 },
  { message: encodeEnd(end), frame: { type: 'end', ...end }, longest: 61_441 },
  { message: encodeSaved(saved), frame: { type: 'saved', ...saved }, longest: 61_441 },
  { message: encodeError('corrupt'), frame: { type: 'error', code: 'corrupt' }, longest: 61_441 },
  { message: encodeBye(), frame: { type: 'bye' }, longest: 61_441 },
]

for (const { message, frame, longest } of samples) {
  test(`${frame.type} decodes to what was encoded`, () => {
    assert.deepEqual(decodeFrame(message), frame)
  })

  test(`${frame.type} is refused when it is truncated anywhere`, () => {
    const least = frame.type === 'chunk' ? 18 : message.length // a shorter chunk is one with fewer bytes
    for (let length = 1; length < least; length++) refused(message.subarray(0, length))
  })

  test(`${frame.type} is refused when it is one byte too long`, () => {
    const padded = new Uint8Array(longest + 1).fill(0x20)
    padded.set(message)
    refused(padded)
    const most = padded.subarray(0, longest)
    assert.doesNotThrow(() => decodeFrame(most))
  })

  test(`${frame.type} is refused when its body is empty`, () => {
    refused(message.subarray(0, 1))
  })

  test(`${frame.type} is refused under an unknown type`, () => {
    for (const type of [0, 12, 0x80, 0xff]) refused(Uint8Array.of(type, ...message.subarray(1)))
  })
}

test('an empty message is refused', () => {
  refused(new Uint8Array(0))
})

test('a frame decodes from the middle of a larger buffer', () => {
  for (const { message, frame } of samples) {
    const inside = new Uint8Array(message.length + 20)
    inside.set(message, 7)
    assert.deepEqual(decodeFrame(inside.subarray(7, 7 + message.length)), frame)
  }
})

test('numbers beyond 2^53-1 are refused in every layout', () => {
  const beyond = [0, 0x20, 0, 0, 0, 0, 0, 0]
  refused(Uint8Array.of(5, 0, 0, 0, 0, ...beyond, 0, 0, 0, 0, 1))
  refused(Uint8Array.of(6, ...beyond))
  refused(Uint8Array.of(7, 0, 0, 0, 0, ...beyond.with(0, 0xff)))
})

test('unknown fields are refused in every JSON body', () => {
  for (const { message } of samples.filter((sample) => sample.longest === 61_441)) {
    const json = new TextDecoder().decode(message.subarray(1))
    for (const field of ['"more":1', '"__proto__":{}', '"constructor":1']) {
      const extended = json === '{}' ? `{${field}}` : json.replace(/\}$/, `,${field}}`)
      refused(jsonMessage(message[0], extended))
    }
  }
})

test('bodies that are not JSON objects in UTF-8 are refused', () => {
  for (const body of [
    'null',
    '[]',
    '"a"',
    '1',
    '{',
    '\ufeff{}',
    `${'['.repeat(30_000)}${']'.repeat(30_000)}`,
  ]) {
    for (let type = 1; type <= 11; type++) refused(jsonMessage(type, body))
  }
  refused(Uint8Array.of(11, 0x7b, 0xff, 0x7d))
})

const entry = '{"path":"a","kind":"file","size":1,"mtime_ms":0}'
const offerJson = `{"transfer":"${offer.transfer}","entries":[${entry}],"files":1,"bytes":1}`
const badOffers: [string, string, string][] = [
  ['a size of 2^53', '"size":1', '"size":9007199254740992'],
  ['a negative size', '"size":1', '"size":-1'],
  ['a size of 1e308', '"size":1', '"size":1e308'],
  ['an infinite size', '"size":1', '"size":1e999'],
  ['a fractional size', '"size":1', '"size":0.5'],
  ['a size in quotes', '"size":1', '"size":"10"'],
  ['no size', '"size":1,', ''],
  ['a size of null', '"size":1', '"size":null'],
  ['a wrong total', '"bytes":1', '"bytes":2'],
  ['a wrong count', '"files":1', '"files":2'],
  ['no entry', `[${entry}]`, '[]'],
  ['an entry that is no file', '"kind":"file"', '"kind":"symlink"'],
  ['an empty path', '"path":"a"', '"path":""'],
  ['a path of 201 characters', '"path":"a"', `"path":"${'a'.repeat(201)}"`],
  ['a path of 1,025 characters', '"path":"a"', `"path":"${'a'.repeat(1025)}"`],
  ['a path that is a number', '"path":"a"', '"path":5'],
  ['a time out of range', '"mtime_ms":0', '"mtime_ms":8640000000000001'],
  ['an empty name of its own', '"size":1', '"size":1,"own_name":""'],
  ['a name of its own that no file can have', '"size":1', `"size":1,"own_name":"${'x'.repeat(256)}"`],
  ['a fractional time', '"mtime_ms":0', '"mtime_ms":0.5'],
  ['a transfer id of another length', offer.transfer, '00'],
  ['a mode', '"kind":"file"', '"kind":"file","mode":511'],
]

for (const [what, from, to] of badOffers) {
  test(`an offer with ${what} is refused as a bad offer`, () => {
    assert.equal(decodeFrame(jsonMessage(2, offerJson)).type, 'offer')
    refused(jsonMessage(2, offerJson.replace(from, to)), 'bad_offer')
  })
}

test('an offer with NaN is refused because that is not JSON', () => {
  refused(jsonMessage(2, offerJson.replace('"size":1', '"size":NaN')))
})

test('sizes whose sum exceeds 2^53-1 are refused', () => {
  const huge = entry.replace('"size":1', `"size":${Number.MAX_SAFE_INTEGER}`)
  const sum = `"files":2,"bytes":${Number.MAX_SAFE_INTEGER}`
  refused(
    jsonMessage(2, offerJson.replace(entry, `${huge},${huge}`).replace('"files":1,"bytes":1', sum)),
    'bad_offer',
  )
})

test('a hello of another version is incompatible, whatever else it says', () => {
  refused(jsonMessage(1, '{"version":2,"more":true}'), 'incompatible')
  refused(jsonMessage(1, '{"version":"1","capabilities":[],"agent":"a"}'), 'broken_protocol')
})

test('a hello names at most 16 capabilities', () => {
  const capabilities = Array.from({ length: 16 }, (_, index) => `c${index}`)
  assert.equal(decodeFrame(encodeHello({ ...hello, capabilities })).type, 'hello')
  refused(encodeHello({ ...hello, capabilities: [...capabilities, 'c16'] }))
})

test('a hello with control or formatting characters is refused', () => {
  refused(jsonMessage(1, '{"version":1,"capabilities":[],"agent":"\\u001b[2J"}'))
  refused(jsonMessage(1, '{"version":1,"capabilities":["\\u202e"],"agent":"a"}'))
})

test('every failure code can be reported, and no other text', () => {
  for (const code of failureCodes) assert.deepEqual(decodeFrame(encodeError(code)), { type: 'error', code })
  for (const code of ['toString', '__proto__', '', 'CORRUPT'])
    refused(jsonMessage(10, JSON.stringify({ code })))
  refused(jsonMessage(4, '{"reason":"because"}'))
})

test('checksums in any other notation are refused', () => {
  for (const crc32 of ['CBF43926', 'cbf4392', 'cbf439266', ' cbf43926', '']) {
    refused(jsonMessage(9, JSON.stringify({ ...saved, crc32 })))
  }
  refused(jsonMessage(8, JSON.stringify({ ...end, sha256: sha256.slice(1) })))
})

test('a window too small for one chunk is refused', () => {
  refused(jsonMessage(3, '{"window":65535,"have":[0]}'))
})

function jsonMessage(type: number | undefined, json: string): Uint8Array {
  return Uint8Array.of(type ?? 0, ...new TextEncoder().encode(json))
}

/** Refused with `code`; without it, with `broken_protocol`, or for an offer also `bad_offer`. */
function refused(message: Uint8Array, code?: Failure): void {
  const codes = code ? [code] : message[0] === 2 ? ['broken_protocol', 'bad_offer'] : ['broken_protocol']
  assert.throws(
    () => decodeFrame(message),
    (error) => error instanceof VoltdropError && codes.includes(error.code),
    `${message.length} bytes: ${new TextDecoder().decode(message.subarray(0, 80))}`,
  )
}
