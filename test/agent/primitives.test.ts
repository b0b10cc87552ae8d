/** Node's primitives against published vectors and against tampering. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodePrimitives } from '../../agent/primitives.ts'

function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'))
}
function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

// The Galois/Counter Mode of Operation (McGrew, Viega), appendix B, test case 16.
const key = hex('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308')
const nonce = hex('cafebabefacedbaddecaf888')
const associated = hex('feedfacedeadbeeffeedfacedeadbeefabaddad2')
const plain = hex(
  'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
    '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
)
const sealed = hex(
  '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa' +
    '8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662' +
    '76fc6ece0f4e1768cddf8853bb2d551b',
)

test('AES-256-GCM agrees with the published test case', async () => {
  const aead = nodePrimitives.aead(key)
  assert.equal(toHex((await aead.seal(nonce, associated, plain)).subarray(1)), toHex(sealed))
  assert.equal(toHex(await aead.open(nonce, associated, sealed)), toHex(plain))
})

test('AES-256-GCM seals an empty message to its tag alone', async () => {
  const aead = nodePrimitives.aead(key)
  const empty = await aead.seal(nonce, associated, new Uint8Array(0))
  assert.equal(empty.length, 17)
  assert.equal((await aead.open(nonce, associated, empty.subarray(1))).length, 0)
})

test('AES-256-GCM rejects a message with a single changed bit, a wrong key, nonce or associated data', () => {
  const aead = nodePrimitives.aead(key)
  for (let index = 0; index < sealed.length; index++) {
    const changed = sealed.slice()
    changed[index] = (changed[index] ?? 0) ^ 1
    assert.throws(() => aead.open(nonce, associated, changed), `byte ${index}`)
  }
  assert.throws(() => aead.open(nonce, associated.slice(1), sealed))
  assert.throws(() => aead.open(nonce.toReversed(), associated, sealed))
  assert.throws(() => nodePrimitives.aead(key.toReversed()).open(nonce, associated, sealed))
})

test('AES-256-GCM rejects a shortened tag and a key of another length', () => {
  const aead = nodePrimitives.aead(key)
  for (let length = 0; length < sealed.length; length++) {
    assert.throws(() => aead.open(nonce, associated, sealed.subarray(0, length)), `${length} bytes`)
  }
  assert.throws(() => nodePrimitives.aead(key.subarray(0, 16)))
})

test('SHA-256 agrees with FIPS 180-4 for "abc", given in pieces', () => {
  const digest = nodePrimitives.sha256()
  digest.update(Buffer.from('a'))
  digest.update(Buffer.from('bc'))
  assert.equal(toHex(digest.digest()), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

test('CRC-32 over two parts gives the published check value, unsigned', () => {
  const part = nodePrimitives.crc32(Buffer.from('1234'), 0)
  assert.equal(nodePrimitives.crc32(Buffer.from('56789'), part), 0xcbf43926)
})
