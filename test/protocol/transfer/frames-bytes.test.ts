/** The wire format as literal bytes, in both directions: a change here is a change of the protocol. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeFrame } from '../../../protocol/transfer/frames.ts'
import type { Frame } from '../../../protocol/transfer/frames.ts'
import {
  encodeAccept,
  encodeDecline,
  encodeHello,
  encodeOffer,
} from '../../../protocol/transfer/opening-frames.ts'
import { encodeAgain, encodeChunk, encodeReceived } from '../../../protocol/transfer/data-frames.ts'
import { encodeBye, encodeEnd, encodeError, encodeSaved } from '../../../protocol/transfer/closing-frames.ts'

const zeros = '0'.repeat(64)
function json(type: string, text: string): string {
  return type + Buffer.from(text).toString('hex')
}

const table: [string, Uint8Array, Frame][] = [
  [
    json('01', '{"version":1,"capabilities":[],"agent":"voltdrop/0.1.0"}'),
    encodeHello({ version: 1, capabilities: [], agent: 'voltdrop/0.1.0' }),
    { type: 'hello', version: 1, capabilities: [], agent: 'voltdrop/0.1.0' },
  ],
  [
    json(
      '02',
      '{"transfer":"000102030405060708090a0b0c0d0e0f","entries":[{"path":"é.csv","kind":"file","size":3,"mtime_ms":-1}],"files":1,"bytes":3}',
    ),
    encodeOffer({
      transfer: '000102030405060708090a0b0c0d0e0f',
      entries: [{ path: 'é.csv', kind: 'file', size: 3, mtime_ms: -1 }],
      files: 1,
      bytes: 3,
    }),
    {
      type: 'offer',
      transfer: '000102030405060708090a0b0c0d0e0f',
      entries: [{ path: 'é.csv', kind: 'file', size: 3, mtime_ms: -1 }],
      files: 1,
      bytes: 3,
    },
  ],
  [
    json('03', '{"window":16777216,"have":[0]}'),
    encodeAccept({ window: 16_777_216, have: [0] }),
    { type: 'accept', window: 16_777_216, have: [0] },
  ],
  [
    json('04', '{"reason":"file_exists"}'),
    encodeDecline('file_exists'),
    { type: 'decline', reason: 'file_exists' },
  ],
  [
    `05${'00000001'}${'0000010000000002'}${'cbf43926'}${'313233'}`,
    encodeChunk({ entry: 1, offset: 2 ** 40 + 2, crc32: 0xcbf43926, bytes: Buffer.from('123') }),
    {
      type: 'chunk',
      entry: 1,
      offset: 2 ** 40 + 2,
      crc32: 0xcbf43926,
      bytes: Uint8Array.of(0x31, 0x32, 0x33),
    },
  ],
  ['06001fffffffffffff', encodeReceived(2 ** 53 - 1), { type: 'received', bytes: 2 ** 53 - 1 }],
  [
    `07${'ffffffff'}${'000000000000fc00'}`,
    encodeAgain(2 ** 32 - 1, 64_512),
    { type: 'again', entry: 2 ** 32 - 1, offset: 64_512 },
  ],
  [
    json('08', `{"entry":0,"size":0,"crc32":"00000000","sha256":"${zeros}"}`),
    encodeEnd({ entry: 0, size: 0, crc32: '00000000', sha256: zeros }),
    { type: 'end', entry: 0, size: 0, crc32: '00000000', sha256: zeros },
  ],
  [
    json('09', `{"entry":0,"crc32":"00000000","sha256":"${zeros}"}`),
    encodeSaved({ entry: 0, crc32: '00000000', sha256: zeros }),
    { type: 'saved', entry: 0, crc32: '00000000', sha256: zeros },
  ],
  [json('0a', '{"code":"tampered"}'), encodeError('tampered'), { type: 'error', code: 'tampered' }],
  ['0b7b7d', encodeBye(), { type: 'bye' }],
]

for (const [hex, encoded, frame] of table) {
  test(`${frame.type} has these exact bytes on the wire`, () => {
    assert.equal(Buffer.from(encoded).toString('hex'), hex)
    assert.deepEqual(decodeFrame(new Uint8Array(Buffer.from(hex, 'hex'))), frame)
  })
}

test('the table has every type of message once', () => {
  assert.deepEqual(
    table.map(([hex]) => Number.parseInt(hex.slice(0, 2), 16)),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  )
})
