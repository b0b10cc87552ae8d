import assert from 'node:assert/strict'
import test from 'node:test'
import { fragmentsIn, handshakeRecords, type Fragment } from '../../../transport/dtls/handshake-bytes.ts'
import { MessageOrder } from '../../../transport/dtls/message-order.ts'
import { counted } from '../ice/counted.ts'

const body = Buffer.from(Array.from({ length: 100 }, (_, at) => at))

function fragment(offset: number, end: number, changes: Partial<Fragment> = {}): Fragment {
  return { type: 11, sequence: 1, length: body.length, offset, part: body.subarray(offset, end), ...changes }
}

function takeAll(order: MessageOrder): string[] {
  const taken: string[] = []
  for (let next = order.take(() => true); next; next = order.take(() => true)) {
    taken.push(`${next.sequence}:${next.body.length}:${next.body.equals(body)}`)
  }
  return taken
}

test('messages come out whole and in order, however their parts arrive', () => {
  const parts = [
    fragment(60, 100, { sequence: 2 }),
    fragment(0, 30),
    fragment(0, 0, { sequence: 3, length: 0, part: Buffer.alloc(0) }),
    fragment(50, 100),
    fragment(0, 60, { sequence: 2 }),
    fragment(0, 50),
    fragment(50, 100),
  ]
  const order = new MessageOrder(1)
  for (const part of parts) order.add(part)
  assert.deepEqual(takeAll(order), ['1:100:true', '2:100:true', '3:0:false'])
})

test('a forged part is replaced by the true one, and a message that is not expected may come again', () => {
  const order = new MessageOrder(1)
  order.add(fragment(0, 50, { part: Buffer.alloc(50, 255) }))
  order.add(fragment(0, 50, { length: 9_000 }))
  order.add(fragment(0, 50))
  order.add(fragment(50, 100))
  assert.equal(
    order.take(() => false),
    undefined,
  )
  order.add(fragment(0, 100))
  assert.deepEqual(takeAll(order), ['1:100:true'])
})

test('what contradicts a message that was taken is told from what repeats it', () => {
  const order = new MessageOrder(1)
  order.add(fragment(0, 100))
  takeAll(order)
  assert.equal(order.taken(fragment(20, 40))?.same, true)
  assert.equal(order.taken(fragment(20, 40, { part: Buffer.alloc(20, 255) }))?.same, false)
  assert.equal(order.taken(fragment(0, 100, { type: 12 }))?.same, false)
  assert.equal(order.taken(fragment(0, 100, { sequence: 2 })), undefined)
})

test('what is kept is bounded by what came: lengths are only claimed', () => {
  const order = new MessageOrder(0)
  let kept = 0
  for (let sequence = 0; sequence < 65_536; sequence += 3) {
    for (const length of [100, 16_384, 0xffffff]) order.add(fragment(0, 1, { sequence, length }))
    if (order.taken(fragment(0, 1, { sequence }))) kept++
  }
  assert.equal(kept, 0)
  assert.deepEqual(takeAll(order), [])
})

for (const [name, unit] of [
  ['empty messages', '02000000000000000000000000'.slice(0, 24)],
  ['messages of one byte', '0b00000100010000000000010a'],
] as const) {
  test(`reading a datagram costs no more than a few times its length: ${name}`, () => {
    const messages = Buffer.from(unit.repeat(Math.floor(60_000 / (unit.length / 2))), 'hex')
    const header = Buffer.from('16fefd00000000000000000000', 'hex')
    header.writeUInt16BE(messages.length, 11)
    const { buffer, cost } = counted(Buffer.concat([header, messages]))
    const records = handshakeRecords(buffer)
    assert.equal(records.length, 1)
    const fragments = records.flatMap(({ content }) => fragmentsIn(content))
    assert.ok(fragments.length <= 32)
    assert.ok(cost() <= 4 * buffer.length)
  })
}
