import assert from 'node:assert/strict'
import test from 'node:test'
import { TurnStream } from '../../../transport/ice/turn-stream.ts'
import { stunBytes } from './stun-bytes.ts'

const channelData = Buffer.concat([Buffer.from('40010005', 'hex'), Buffer.from('hello'), Buffer.alloc(3)])
const response = stunBytes(0x0103, [[0x0014, Buffer.from('realm')]])
const stream = Buffer.concat([response, channelData, channelData, response])

test('messages come out whole however the stream is cut', () => {
  for (let size = 1; size <= stream.length; size++) {
    const turn = new TurnStream()
    const messages: Buffer[] = []
    for (let at = 0; at < stream.length; at += size) {
      messages.push(...(turn.push(stream.subarray(at, at + size)) ?? []))
    }
    assert.deepEqual(messages, [response, channelData, channelData, response], `pieces of ${size}`)
  }
})

test('a stream that is neither STUN nor ChannelData is given up', () => {
  assert.equal(new TurnStream().push(Buffer.from('<html><body>')), undefined)
  assert.equal(new TurnStream().push(Buffer.from('0101000300000000', 'hex')), undefined)
  assert.equal(new TurnStream().push(Buffer.concat([channelData, Buffer.from('ffffffff', 'hex')])), undefined)
})

test('a longest message that comes byte by byte is copied once or twice, not once for each byte', (t) => {
  const longest = Buffer.alloc(4 + 0xfffc)
  longest.writeUInt32BE(0x4001fffc, 0)
  let copied = 0
  const concat = Buffer.concat.bind(Buffer)
  t.mock.method(Buffer, 'concat', (parts: Uint8Array[]) => {
    const whole = concat(parts)
    copied += whole.length
    return whole
  })
  const turn = new TurnStream()
  let messages: Buffer[] | undefined = []
  for (let at = 0; at < longest.length; at++) messages = turn.push(longest.subarray(at, at + 1))
  assert.deepEqual(
    messages?.map(({ length }) => length),
    [longest.length],
  )
  assert.ok(copied <= 2 * longest.length, `${copied} bytes`)
})
