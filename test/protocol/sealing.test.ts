/** Sealed records: known bytes, strict order, and refusal of anything but the next record of the other side. */
import assert from 'node:assert/strict'
import { createHash, hkdfSync } from 'node:crypto'
import { test } from 'node:test'
import {
  MAX_RECORD_BYTES,
  Opener,
  SEALED_OVERHEAD_BYTES,
  Sealer,
  keySchedule,
} from '../../protocol/sealing.ts'
import { nodeAead, webAead } from '../support/peer/aead.ts'
import { flipped } from '../support/peer/channel-pair.ts'

const key = new Uint8Array(32).fill(7)
const hello = new TextEncoder().encode('hello')
const tampered = { name: 'VoltdropError', code: 'tampered' }

async function records(count: number, content = hello): Promise<Uint8Array[]> {
  const sealer = new Sealer(nodeAead(key))
  return Promise.all(Array.from({ length: count }, async () => sealer.seal(1, content)))
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

test('records open to the content that was sealed, from empty to the longest', async () => {
  const opener = new Opener(nodeAead(key))
  const sealer = new Sealer(nodeAead(key))
  for (const [type, length] of [
    [1, 5],
    [4, 0],
    [255, 1],
    [1, MAX_RECORD_BYTES - SEALED_OVERHEAD_BYTES],
  ] as const) {
    const content = new Uint8Array(length).fill(length)
    const record = await sealer.seal(type, content)
    assert.equal(record.length, length + SEALED_OVERHEAD_BYTES)
    assert.equal(record[0], type)
    const opened = await opener.open(record)
    assert.equal(opened.type, type)
    assert.ok(Buffer.from(opened.content).equals(content))
  }
})

test('the first two records have known bytes', async () => {
  const [first, second] = await records(2)
  // AES-256-GCM, key 07 x 32, nonce 0 and 1, associated data 01, plain text "hello".
  assert.equal(first && hex(first), '0109bdc8de94948bdb9693494af28e83c563a02aa78e')
  assert.equal(second && hex(second), '01582dd50c5b6876b84a62c04c7ae5afc881c141037c')
})

test('content that does not fit into one record is refused before it is sealed', () => {
  const tooLong = new Uint8Array(MAX_RECORD_BYTES - SEALED_OVERHEAD_BYTES + 1)
  assert.throws(() => new Sealer(nodeAead(key)).seal(1, tooLong), { code: 'internal' })
})

test('a change of any byte is detected: type, content and tag', async () => {
  const [record] = await records(1)
  assert.ok(record)
  for (let at = 0; at < record.length; at++) {
    assert.throws(() => new Opener(nodeAead(key)).open(flipped(record, at)), tampered, `byte ${at}`)
  }
})

test('a record that is repeated, dropped or reordered is detected', async () => {
  const [first, second, third] = await records(3)
  assert.ok(first && second && third)
  for (const order of [[first, first], [second], [first, third], [first, third, second]]) {
    const opener = new Opener(nodeAead(key))
    assert.throws(() => order.map((record) => opener.open(record)), tampered)
  }
})

test('a record under another key, such as one sent back to its sender, is detected', async () => {
  const [record] = await records(1)
  assert.ok(record)
  assert.throws(() => new Opener(nodeAead(new Uint8Array(32))).open(record), tampered)
})

test('records that are too short or too long are refused without decryption', () => {
  const lookedInto = { seal: () => assert.fail(), open: () => assert.fail('it was looked into') }
  for (const length of [0, 1, SEALED_OVERHEAD_BYTES - 1, MAX_RECORD_BYTES + 1]) {
    assert.throws(() => new Opener(lookedInto).open(new Uint8Array(length)), tampered, `${length} bytes`)
  }
})

test('after the first failure even the correct record is refused', async () => {
  const [first, second] = await records(2)
  assert.ok(first && second)
  const opener = new Opener(nodeAead(key))
  await opener.open(first)
  assert.throws(() => opener.open(flipped(second, 3)), tampered)
  assert.throws(() => opener.open(second), tampered)
})

test('an asynchronous cipher gives the same records and refuses the same ones', async () => {
  const sealer = new Sealer(webAead(key))
  const made = await Promise.all([sealer.seal(1, hello), sealer.seal(1, hello)])
  assert.deepEqual(made.map(hex), (await records(2)).map(hex))
  const opener = new Opener(webAead(key))
  const opened = await Promise.all(made.map(async (record) => opener.open(record)))
  assert.deepEqual(
    opened.map(({ content }) => hex(content)),
    [hex(hello), hex(hello)],
  )
  const again = new Opener(webAead(key))
  await assert.rejects(Promise.resolve(again.open(flipped(made[0], 4))), tampered)
  assert.throws(() => again.open(made[1]), tampered)
})

test('the counter passes 2^32 without repeating a nonce', () => {
  const nonces: string[] = []
  const spy = {
    seal: (nonce: Uint8Array) => (nonces.push(hex(nonce)), new Uint8Array(16)),
    open: () => hello,
  }
  const sealer = new Sealer(spy, 2 ** 32 - 1)
  void sealer.seal(1, hello)
  void sealer.seal(1, hello)
  assert.deepEqual(nonces, ['0000000000000000ffffffff', '000000000000000100000000'])
})

test('keys are HKDF-SHA512 as node:crypto computes it, a different one for each label', () => {
  const isk = new Uint8Array(64).fill(1)
  const transcript = new TextEncoder().encode('transcript')
  const keys = keySchedule(isk, transcript)
  const expected = hkdfSync('sha512', isk, hashOf(transcript), 'voltdrop v1 signal sender', 32)
  assert.equal(hex(keys('signal sender')), hex(new Uint8Array(expected)))
  const labels = [
    'signal sender',
    'signal receiver',
    'record sender 0',
    'record receiver 0',
    'record sender 1',
    'verify',
  ]
  assert.equal(new Set(labels.map((label) => hex(keys(label)))).size, labels.length)
  assert.notDeepEqual(keySchedule(isk, hello)('verify'), keys('verify'), 'another transcript')
})

function hashOf(bytes: Uint8Array): Uint8Array {
  return createHash('sha512').update(bytes).digest()
}
