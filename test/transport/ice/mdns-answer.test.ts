import assert from 'node:assert/strict'
import test from 'node:test'
import { mdnsAddress, mdnsQuestion } from '../../../transport/ice/mdns-answer.ts'
import { counted } from './counted.ts'

const NAME = '5f2b0c1e-0000-4000-8000-1234567890ab.local'

function answerOf(records: readonly Buffer[], flags = 0x8400, questions = 0): Buffer {
  const header = Buffer.alloc(12)
  header.writeUInt16BE(flags, 2)
  header.writeUInt16BE(questions, 4)
  header.writeUInt16BE(records.length, 6)
  return Buffer.concat([header, ...records])
}

function nameBytes(name: string): Buffer {
  return Buffer.concat([
    ...name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.alloc(1),
  ])
}

function recordBytes(name: Buffer, data: Buffer, type = 1, rrClass = 0x8001): Buffer {
  const fields = Buffer.alloc(10)
  fields.writeUInt16BE(type, 0)
  fields.writeUInt16BE(rrClass, 2)
  fields.writeUInt32BE(120, 4)
  fields.writeUInt16BE(data.length, 8)
  return Buffer.concat([name, fields, data])
}

const address = Buffer.from([192, 168, 7, 9])

test('a question is what multicast DNS asks', () => {
  assert.equal(
    mdnsQuestion('ab.local').toString('hex'),
    '000000000001000000000000' + '026162056c6f63616c00' + '00010001',
  )
})

test('the address is that of the record with the name, in any case, also through pointers', () => {
  assert.equal(mdnsAddress(answerOf([recordBytes(nameBytes(NAME), address)]), NAME), '192.168.7.9')
  assert.equal(
    mdnsAddress(answerOf([recordBytes(nameBytes(NAME.toUpperCase()), address)]), NAME),
    '192.168.7.9',
  )
  const other = recordBytes(nameBytes('other.local'), Buffer.from([10, 0, 0, 1]))
  const ipv6 = recordBytes(nameBytes(NAME), Buffer.alloc(16), 28)
  // "local" stands in the first record, behind "other".
  const [first = ''] = NAME.split('.')
  const pointing = Buffer.concat([
    Buffer.from([first.length]),
    Buffer.from(first),
    Buffer.from([0xc0, 12 + 6]),
  ])
  assert.equal(mdnsAddress(answerOf([other, ipv6, recordBytes(pointing, address)]), NAME), '192.168.7.9')
})

test('what is no answer to the question gives nothing', () => {
  const right = recordBytes(nameBytes(NAME), address)
  const loop = Buffer.from([0xc0, 12])
  for (const message of [
    Buffer.alloc(0),
    answerOf([right], 0x0000),
    answerOf([right], 0x8400, 1),
    answerOf([recordBytes(nameBytes('other.local'), address)]),
    answerOf([recordBytes(nameBytes(`${NAME}.example`), address)]),
    answerOf([recordBytes(nameBytes(NAME), address, 1, 3)]),
    answerOf([recordBytes(nameBytes(NAME), Buffer.alloc(5))]),
    answerOf([recordBytes(loop, address)]),
    answerOf([recordBytes(Buffer.from([0xff, 0xff]), address)]),
    ...Array.from({ length: right.length - 1 }, (_, cut) => answerOf([right.subarray(0, cut)])),
  ]) {
    assert.equal(mdnsAddress(message, NAME), undefined)
  }
})

test('a message costs no more than a few times its length, wherever its pointers lead', () => {
  const chain = [recordBytes(Buffer.alloc(1), address)]
  for (let at = 12; chain.length < 550; at += 16) {
    const pointer = Buffer.alloc(2)
    pointer.writeUInt16BE(0xc000 | Math.min(at, 0x3fff), 0)
    chain.push(recordBytes(pointer, address))
  }
  const { buffer, cost } = counted(answerOf(chain))
  assert.ok(buffer.length > 8_000)
  assert.equal(mdnsAddress(buffer, NAME), undefined)
  assert.ok(cost() <= 4 * buffer.length, `${cost()} for ${buffer.length}`)
  assert.equal(
    mdnsAddress(
      Buffer.concat([answerOf([recordBytes(nameBytes(NAME), address)]), Buffer.alloc(9_000)]),
      NAME,
    ),
    undefined,
  )
})
