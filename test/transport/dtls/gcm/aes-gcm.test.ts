import assert from 'node:assert/strict'
import { createCipheriv, createHash, createSecretKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import test from 'node:test'
import { AesGcm, GCM_OVERHEAD_BYTES } from '../../../../transport/dtls/gcm/aes-gcm.ts'
import { assembled } from '../../../../tools/assemble.ts'

const KEY = Buffer.from('feffe9928665731c6d6a8f9467308308', 'hex')
const SALT = Buffer.from('cafebabe', 'hex')
const ASSOCIATED = Buffer.from('0001000000000007170303abcd', 'hex')

function ours(key: Buffer = KEY) {
  return new AesGcm(createSecretKey(key), SALT)
}

/** Bytes that look random and are the same in every run. */
function bytes(seed: string, length: number): Buffer {
  const parts: Buffer[] = []
  for (let block = 0; block * 64 < length; block++) {
    parts.push(createHash('sha512').update(`${seed} ${block}`).digest())
  }
  return Buffer.concat(parts).subarray(0, length)
}

function nonceOf(value: bigint): Buffer {
  const nonce = Buffer.alloc(8)
  nonce.writeBigUInt64BE(value)
  return nonce
}

/** The message as OpenSSL seals it. */
function reference(nonce: bigint, content: Buffer, key: Buffer = KEY): Buffer {
  const explicit = nonceOf(nonce)
  const cipher = createCipheriv('aes-128-gcm', key, Buffer.concat([SALT, explicit]))
  cipher.setAAD(ASSOCIATED)
  return Buffer.concat([explicit, cipher.update(content), cipher.final(), cipher.getAuthTag()])
}

function sealed(gcm: AesGcm, nonce: bigint, content: Buffer): Buffer {
  const message = Buffer.concat([nonceOf(nonce), Buffer.alloc(content.length + 16)])
  gcm.seal(message, 0, ASSOCIATED, content)
  return message
}

/** Seals and opens under `nonce` and compares both with OpenSSL. */
function check(sealing: AesGcm, opening: AesGcm, nonce: bigint, content: Buffer): void {
  const expected = reference(nonce, content)
  const what = `${content.length} bytes under nonce ${nonce}`
  assert.ok(sealed(sealing, nonce, content).equals(expected), `sealing ${what}`)
  assert.ok(opening.open(expected, 0, ASSOCIATED)?.equals(content), `opening ${what}`)
}

test('OpenSSL, the reference here, yields the published ciphertext (test case 3 of the GCM specification)', () => {
  const iv = Buffer.from('cafebabefacedbaddecaf888', 'hex')
  const cipher = createCipheriv('aes-128-gcm', KEY, iv)
  const content =
    'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
    '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255'
  assert.equal(
    cipher.update(content, 'hex', 'hex') + cipher.final('hex'),
    '42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e' +
      '21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985',
  )
  assert.equal(cipher.getAuthTag().toString('hex'), '4d5c2af327cd64a62cf35abd2ba6fab4')
})

test('a message of any length is sealed as by OpenSSL, and opens', () => {
  const [sealing, opening] = [ours(), ours()]
  const lengths = [
    ...Array(600).keys(),
    1_143,
    1_171,
    1_423,
    2_048,
    4_079,
    4_080,
    4_095,
    4_096,
    4_097,
    16_384,
  ]
  for (const [nonce, length] of lengths.entries())
    check(sealing, opening, BigInt(nonce), bytes('length', length))
})

test('a message under any key, all zeros or ones included, is sealed as by OpenSSL', () => {
  const keys = [
    Buffer.alloc(16),
    Buffer.alloc(16, 255),
    ...Array.from({ length: 20 }, (_, n) => bytes(`${n}`, 16)),
  ]
  for (const key of keys) {
    const content = bytes(key.toString('hex'), 333)
    assert.ok(sealed(ours(key), 1n, content).equals(reference(1n, content, key)), key.toString('hex'))
  }
})

test('nonces may skip, go back, be random and carry into the upper half', () => {
  const [sealing, opening] = [ours(), ours()]
  const carry = 0xffff_fff0n
  const drawn = Array.from({ length: 50 }, (_, n) => bytes(`nonce ${n}`, 8).readBigUInt64BE())
  const nonces = [0n, 1n, 2n, 3n, 9n, 10n, 4n, 11n, 1_000n, 1_001n, 999n, ...drawn, 2n ** 64n - 1n, 0n]
  for (let step = 0n; step < 40n; step++) nonces.push(carry + step)
  for (const nonce of nonces) check(sealing, opening, nonce, bytes(`${nonce}`, 100))
})

test('lengths may change from one message to the next while nonces are consecutive', () => {
  const [sealing, opening] = [ours(), ours()]
  for (let nonce = 0; nonce < 400; nonce++) {
    const length = bytes(`length ${nonce}`, 2).readUInt16BE() % (nonce % 7 === 0 ? 4_200 : 90)
    check(sealing, opening, BigInt(nonce), bytes('content', length))
  }
})

test('consecutive nonces have different key streams', () => {
  const gcm = ours()
  const zeros = Buffer.alloc(64)
  const streams = new Set<string>()
  for (let nonce = 0n; nonce < 500n; nonce++) {
    streams.add(sealed(gcm, nonce, zeros).toString('hex', 8, 72))
  }
  assert.equal(streams.size, 500)
})

test('a message that was changed, truncated or has other associated data does not open, and the original still does', () => {
  const gcm = ours()
  for (const length of [0, 5, 16, 300, 5_000]) {
    const message = reference(7n, bytes('content', length))
    for (let at = 0; at < message.length; at += length > 100 ? 97 : 1) {
      const changed = Buffer.from(message)
      changed[at] = (changed[at] ?? 0) ^ 0x10
      assert.equal(gcm.open(changed, 0, ASSOCIATED), undefined)
    }
    assert.equal(gcm.open(message.subarray(0, -1), 0, ASSOCIATED), undefined)
    assert.equal(gcm.open(message, 0, Buffer.alloc(13)), undefined)
    assert.ok(gcm.open(message, 0, ASSOCIATED)?.equals(bytes('content', length)))
  }
  assert.equal(gcm.open(Buffer.alloc(GCM_OVERHEAD_BYTES - 1), 0, ASSOCIATED), undefined)
})

test('gcm-wasm.ts is the assembled gcm.wat', async () => {
  const file = new URL('../../../../transport/dtls/gcm/gcm-wasm.ts', import.meta.url)
  assert.equal(await readFile(file, 'utf8'), await assembled(), 'run `npm run assemble`')
})
