/** The messages of a meeting as literal bytes, and what must be refused. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as messages from '../../../protocol/meeting/meeting-messages.ts'
import { MAX_FRAME_BYTES } from '../../../protocol/meeting/room.ts'

const nonce = new Uint8Array(16).fill(0xaa)
const share = new Uint8Array(32).fill(0xbb)
const tag = new Uint8Array(64).fill(0xcc)
const associated = new TextEncoder().encode('{}')
const [aa, bb, cc] = ['aa'.repeat(16), 'bb'.repeat(32), 'cc'.repeat(64)]

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
function bytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'))
}

/** Each message: its encoding, its bytes, and what it parses to. */
const table = [
  { made: messages.encodeJoin(nonce), wire: `0101${aa}`, read: { type: 'join', nonce } },
  {
    made: messages.encodeShareA(nonce, share, associated),
    wire: `0201${aa}${bb}00027b7d`,
    read: { type: 'share-a', nonce, share, associated },
  },
  {
    made: messages.encodeShareB(share, associated, tag),
    wire: `03${bb}00027b7d${cc}`,
    read: { type: 'share-b', share, associated, tag },
  },
  { made: messages.encodeConfirm(tag), wire: `04${cc}`, read: { type: 'confirm', tag } },
]

test('every message encodes to the bytes of its layout and parses from them', () => {
  for (const { made, wire, read } of table) {
    assert.equal(hex(made), wire)
    assert.deepEqual(messages.parseMeetingMessage(bytes(wire)), read)
  }
})

test('a sealed message is parsed to the whole record, because its type is authenticated', () => {
  const record = bytes('05010203')
  assert.deepEqual(messages.parseMeetingMessage(record), { type: 'sealed', record })
})

test('a message that is truncated anywhere, or one byte too long, is refused', () => {
  for (const { wire } of table) {
    for (let length = 1; length < wire.length / 2; length++) {
      assert.throws(() => messages.parseMeetingMessage(bytes(wire.slice(0, 2 * length))), {
        code: 'broken_protocol',
      })
    }
    assert.throws(() => messages.parseMeetingMessage(bytes(`${wire}00`)), { code: 'broken_protocol' })
  }
})

test("empty messages, unknown types and messages beyond the room's limit are refused", () => {
  const refused = [new Uint8Array(0), ...[0, 6, 255].map((type) => Uint8Array.of(type, 1, 2, 3))]
  const tooLong = new Uint8Array(MAX_FRAME_BYTES + 1).fill(5)
  for (const message of [...refused, tooLong]) {
    assert.throws(() => messages.parseMeetingMessage(message), { code: 'broken_protocol' })
  }
  messages.parseMeetingMessage(tooLong.subarray(1))
})

test('a field that claims to be longer than its limit is refused before it is read', () => {
  const huge = bytes(`0201${aa}${bb}ffff${'00'.repeat(65_535 - 60_000)}`)
  assert.throws(() => messages.parseMeetingMessage(huge), { code: 'broken_protocol', detail: /too long/ })
})

test('a message of another version is incompatible, whatever follows the version', () => {
  for (const message of ['0100', '0102', `0102${aa}`, '02ff', `0202${aa}${bb}00027b7d`]) {
    assert.throws(() => messages.parseMeetingMessage(bytes(message)), { code: 'incompatible' })
  }
  assert.equal(hex(messages.encodeVersionRefusal()), '0201')
})

const about = { role: 'sender', version: 1, capabilities: ['resume', 'tree'] } as const
function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}

test('associated data has known bytes and parses to what was encoded', () => {
  const encoded = messages.encodeAboutSelf(about)
  assert.equal(
    Buffer.from(encoded).toString(),
    '{"role":"sender","version":1,"capabilities":["resume","tree"]}',
  )
  assert.deepEqual(messages.parseAboutSelf(encoded, 'sender'), about)
})

test("associated data with this side's own role is refused as wrong_code", () => {
  assert.throws(() => messages.parseAboutSelf(json(about), 'receiver'), { code: 'wrong_code' })
})

test('another version in the associated data is incompatible', () => {
  assert.throws(() => messages.parseAboutSelf(json({ ...about, version: 2 }), 'sender'), {
    code: 'incompatible',
  })
})

test('malformed associated data is refused', () => {
  const bad = [
    undefined,
    [],
    { ...about, role: 'judge' },
    { ...about, version: 1.5 },
    { ...about, extra: 1 },
    { role: 'sender', version: 1 },
    { ...about, capabilities: ['UPPER'] },
    { ...about, capabilities: ['\u001B[2J'] },
    { ...about, capabilities: Array.from({ length: 17 }, () => 'a') },
  ]
  for (const value of bad) {
    assert.throws(() => messages.parseAboutSelf(json(value ?? '{'), 'sender'), { code: 'broken_protocol' })
  }
  assert.throws(() => messages.parseAboutSelf(bytes('ff'), 'sender'), { code: 'broken_protocol' })
})
