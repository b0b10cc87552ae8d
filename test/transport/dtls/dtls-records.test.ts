import assert from 'node:assert/strict'
import { createCipheriv, createSecretKey } from 'node:crypto'
import test from 'node:test'
import { DtlsRecords } from '../../../transport/dtls/dtls-records.ts'
import { protectedRecords } from '../../../transport/dtls/datagram-guard.ts'
import { AesGcm } from '../../../transport/dtls/gcm/aes-gcm.ts'
import { ReplayWindow } from '../../../transport/dtls/replay-window.ts'

function key(byte: number) {
  return createSecretKey(Buffer.alloc(16, byte))
}

/** Two ends of one session; what `b` receives is collected. */
function session() {
  const received: string[] = []
  const alerts: string[] = []
  const finished: Buffer[] = []
  let number = 255
  const a = new DtlsRecords(
    { writeKey: key(1), readKey: key(2), writeSalt: Buffer.alloc(4, 3), readSalt: Buffer.alloc(4, 4) },
    () => ++number,
    { onData() {}, onAlert() {}, onFinished() {} },
  )
  const b = new DtlsRecords(
    { writeKey: key(2), readKey: key(1), writeSalt: Buffer.alloc(4, 4), readSalt: Buffer.alloc(4, 3) },
    () => 0,
    {
      onData: (content) => received.push(content.toString()),
      onAlert: () => alerts.push('alert'),
      onFinished: (record) => finished.push(record),
    },
  )
  return { a, b, received, alerts, finished }
}

test('a sealed record opens to its content, also when several share a datagram', () => {
  const { a, b, received } = session()
  b.open(a.seal(Buffer.from('one')))
  b.open(Buffer.concat([a.seal(Buffer.from('two')), a.seal(Buffer.from('')), a.seal(Buffer.from('three'))]))
  assert.deepEqual(received, ['one', 'two', '', 'three'])
})

test('a record has the bytes that RFC 6347 and RFC 5288 prescribe', () => {
  const record = session().a.seal(Buffer.from('voltdrop'))
  assert.equal(
    record.toString('hex'),
    '17fefd00010000000001000020' +
      '0001000000000100' +
      'cf3ef899c652038f' +
      '6d3678b3db13cfa3f0e5510b9bac1e54',
  )
})

test('a datagram full of forged records costs as many decryptions as one record of each flight would', (t) => {
  const { b, received } = session()
  const forged = Buffer.from('17fefd0001' + '000000000000' + '0018' + '00'.repeat(24), 'hex')
  const records = Array.from({ length: 1_770 }, (_, number) => {
    const record = Buffer.from(forged)
    record.writeUIntBE(number, 5, 6)
    return record
  })
  const decrypt = t.mock.method(AesGcm.prototype, 'open')
  b.open(Buffer.concat(records))
  assert.equal(decrypt.mock.callCount(), 16)
  assert.deepEqual(received, [])
  assert.equal(protectedRecords(Buffer.concat(records))?.length, 16 * forged.length)
})

test('a replayed record is dropped, also after newer ones, and so is one older than the window', () => {
  const { a, b, received } = session()
  const old = a.seal(Buffer.from('old'))
  const first = a.seal(Buffer.from('first'))
  b.open(first)
  b.open(first)
  for (let index = 0; index < 3_000; index++) b.open(a.seal(Buffer.from('.')))
  b.open(first)
  b.open(old)
  assert.equal(received.length, 3_001)
})

test('a record with any one bit flipped is dropped, and the original is still accepted afterwards', () => {
  const { a, b, received } = session()
  const record = a.seal(Buffer.from('content'))
  for (let bit = 0; bit < record.length * 8; bit++) {
    const forged = Buffer.from(record)
    forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    b.open(forged)
  }
  assert.deepEqual(received, [])
  b.open(record)
  assert.deepEqual(received, ['content'])
})

test('a truncated or padded record is dropped', () => {
  const { a, b, received } = session()
  const record = a.seal(Buffer.from('content'))
  for (let length = 0; length < record.length; length++) b.open(record.subarray(0, length))
  const short = Buffer.from(record.subarray(0, 30))
  short.writeUInt16BE(short.length - 13, 11)
  b.open(short)
  assert.deepEqual(received, [])
})

test('a record of epoch 0 or 2 is dropped, whatever its type', () => {
  const { a, b, received, alerts, finished } = session()
  for (const epoch of [0, 2]) {
    for (const type of [20, 21, 22, 23, 24, 99]) {
      const record = a.seal(Buffer.from('x'))
      record[0] = type
      record.writeUInt16BE(epoch, 3)
      b.open(record)
    }
  }
  assert.deepEqual([received, alerts, finished], [[], [], []])
})

test('an authentic close_notify is reported, a forged one is not', () => {
  const { a, b, alerts } = session()
  b.open(Buffer.from('15fefd000100000000000000020100', 'hex'))
  b.open(Buffer.from('15fefd0001000000000000001a0100000000000000000000000000000000000000000000000000', 'hex'))
  assert.deepEqual(alerts, [])
  b.open(a.sealClose())
  assert.deepEqual(alerts, ['alert'])
})

/** An authentic handshake record of `a`'s, of `type`. */
function handshake(type: number, number: number): Buffer {
  const content = Buffer.from([type, 0, 0, 12, 0, 4, 0, 0, 0, 0, 0, 12, ...Buffer.alloc(12, 7)])
  const header = Buffer.from('16fefd00010000000000000030', 'hex')
  header.writeUIntBE(number, 5, 6)
  const explicit = header.subarray(3, 11)
  const nonce = Buffer.concat([Buffer.alloc(4, 3), explicit])
  const cipher = createCipheriv('aes-128-gcm', key(1), nonce, { authTagLength: 16 })
  cipher.setAAD(Buffer.concat([explicit, Buffer.from([22, 0xfe, 0xfd, 0, content.length])]))
  return Buffer.concat([header, explicit, cipher.update(content), cipher.final(), cipher.getAuthTag()])
}

test('an authentic Finished is passed on each time it arrives, and no other handshake message ever', () => {
  const { b, finished } = session()
  const record = handshake(20, 3)
  b.open(record)
  b.open(record)
  assert.deepEqual(finished, [record, record])
  const forged = Buffer.from(record)
  forged[40] = 0
  b.open(forged)
  // A ClientHello, a HelloVerifyRequest and a ServerHelloDone would all set werift's record counter back to zero.
  for (const type of [1, 3, 14]) b.open(handshake(type, 4 + type))
  assert.equal(finished.length, 2)
})

test('the replay window recognizes every duplicate within its width, and refuses what is below it', () => {
  const window = new ReplayWindow()
  const taken = new Set<number>()
  let state = 42
  for (let step = 0; step < 20_000; step++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const highest = Math.max(-1, ...[...taken].slice(-2_048))
    const number = Math.max(0, highest + 40 - (state % 2_100))
    if (number > highest - 2_048) assert.equal(window.isNew(number), !taken.has(number), `number ${number}`)
    else assert.equal(window.isNew(number), false)
    if (!window.isNew(number)) continue
    window.accept(number)
    taken.add(number)
  }
  window.accept(2 ** 47)
  assert.equal(window.isNew(2 ** 47), false)
  assert.equal(window.isNew(2 ** 47 - 1), true)
})

test('once the handshake is over only protected records reach werift', () => {
  const { a } = session()
  const record = a.seal(Buffer.from('kept'))
  const finished = Buffer.from(record)
  finished[0] = 22
  const hello = Buffer.from('16fefd00000000000000000003010203', 'hex')
  const close = Buffer.from('15fefd000000000000000000020100', 'hex')
  const disguisedClose = Buffer.from('15fefd000100000000000000040100ffff', 'hex')
  assert.equal(protectedRecords(hello), undefined)
  assert.equal(protectedRecords(close), undefined)
  assert.equal(protectedRecords(disguisedClose), undefined)
  assert.equal(protectedRecords(Buffer.from('99fefd000100000000000000020100', 'hex')), undefined)
  assert.equal(protectedRecords(record.subarray(0, 20)), undefined)
  assert.deepEqual(
    protectedRecords(Buffer.concat([hello, finished, close, record])),
    Buffer.concat([finished, record]),
  )
  const alert = a.sealClose()
  assert.deepEqual(protectedRecords(alert), alert)
})
