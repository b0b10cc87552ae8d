/** The end record of an NDJSON export, however the bytes before it were cut into pieces. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProofOfRows } from '../../../../agent/catalogue/export/export-stream.ts'
import { FileDigest } from '../../../../peer/transfer/file-digest.ts'
import { nodePrimitives } from '../../../../agent/primitives.ts'

const rows = '{"id":1}\n\n{"id":2,"model":"ä"}\n{"id":3}\n'

function withEnd(text: string): Buffer {
  const sums = new FileDigest(nodePrimitives)
  sums.update(Buffer.from(text))
  const { size: bytes, crc32, sha256 } = sums.sums()
  const end = { revision: 7, rows: 3, bytes, crc32, sha256 }
  return Buffer.from(`${text}${JSON.stringify({ end })}\n`)
}

function piecesOf(bytes: Buffer, length: number): Buffer[] {
  const count = Math.ceil(bytes.length / length)
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * length, (i + 1) * length))
}

test('the rows and their proof are the same in pieces of any length', () => {
  const file = withEnd(rows)
  for (let length = 1; length <= file.length; length++) {
    const proof = new ProofOfRows()
    const taken = piecesOf(file, length).map((piece) => Buffer.from(proof.take(piece)))
    assert.equal(Buffer.concat(taken).toString(), rows, `pieces of ${length}`)
    assert.equal(proof.end().revision, 7)
  }
})

test('a long line that comes byte by byte is not copied again for each of them', (t) => {
  const concat = t.mock.method(Buffer, 'concat')
  const proof = new ProofOfRows()
  const byte = Buffer.from('x')
  for (let count = 0; count < 10_000; count++) proof.take(byte)
  proof.take(Buffer.from('\n{'))
  const copied = concat.mock.calls.reduce((sum, { result }) => sum + (result?.length ?? 0), 0)
  assert.ok(copied <= 20_000, `${copied} bytes were copied`)
})

test('a line without end is given up', () => {
  const proof = new ProofOfRows()
  const piece = Buffer.alloc(65_536, 'x')
  assert.throws(() => {
    for (let count = 0; count < 17; count++) proof.take(piece)
  }, /not made of lines|damaged|corrupt/)
})
