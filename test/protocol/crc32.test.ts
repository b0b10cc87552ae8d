/** CRC-32 against its published check value and against zlib's. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { crc32 as zlibCrc32 } from 'node:zlib'
import { crc32, formatCrc32 } from '../../protocol/crc32.ts'

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

test('CRC-32 of the digits 1 to 9 is the published check value', () => {
  assert.equal(crc32(bytes('123456789'), 0), 0xcbf43926)
})

test('CRC-32 of empty input is 0, written with eight digits', () => {
  assert.equal(formatCrc32(crc32(bytes(''), 0)), '00000000')
})

test('CRC-32 is unsigned when its highest bit is set', () => {
  assert.equal(crc32(bytes('a'), 0), 0xe8b7be43)
  assert.equal(formatCrc32(0xe8b7be43), 'e8b7be43')
})

test("CRC-32 of two parts in sequence equals zlib's CRC-32 of the whole", () => {
  for (let round = 0; round < 50; round++) {
    const data = randomBytes(1 + Math.floor(Math.random() * 5000))
    const split = Math.floor(Math.random() * data.length)
    const chained = crc32(data.subarray(split), crc32(data.subarray(0, split), 0))
    assert.equal(chained, zlibCrc32(data), `${data.toString('hex')} split at ${split}`)
  }
})
