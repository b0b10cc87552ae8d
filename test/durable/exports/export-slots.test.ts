import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ExportSlots } from '../../../durable/exports/export-slots.ts'

const limits = { perAddress: 2, inAll: 3, leaseMs: 30_000 }

function slots() {
  const clock = { ms: 0 }
  const held = new ExportSlots(limits, () => clock.ms)
  function take(address?: string): string {
    const slot = held.take(address)
    assert.ok('ticket' in slot, JSON.stringify(slot))
    return slot.ticket
  }
  return { clock, held, take }
}

test('an address has its limit, and all together have theirs; a freed slot is free', () => {
  const { held, take } = slots()
  const first = take('192.0.2.1')
  take('192.0.2.1')
  assert.deepEqual(held.take('192.0.2.1'), { refused: 'address' })
  take('192.0.2.2')
  assert.deepEqual(held.take('192.0.2.3'), { refused: 'edge' })
  assert.deepEqual(held.take(undefined), { refused: 'edge' })
  held.free(first)
  take('192.0.2.1')
})

test('clients without an address share only the limit of all', () => {
  const { held, take } = slots()
  for (let i = 0; i < limits.inAll; i++) take()
  assert.deepEqual(held.take(undefined), { refused: 'edge' })
})

test('a slot that is not kept in time is free for others, and its holder gets one again while there is one', () => {
  const { clock, held, take } = slots()
  const [lost, kept] = [take('192.0.2.1'), take('192.0.2.2')]
  clock.ms = limits.leaseMs - 1
  assert.equal(held.keep(kept, '192.0.2.2'), 0)
  clock.ms = limits.leaseMs
  assert.deepEqual([held.holds(lost), held.holds(kept)], [false, true])
  assert.equal(held.keep(lost, '192.0.2.1'), 1)
  take()
  clock.ms = 2 * limits.leaseMs
  for (let i = 0; i < limits.inAll; i++) take()
  assert.equal(held.keep(lost, '192.0.2.1'), undefined)
})

test('a holder that waits for a slow client does not count as active', () => {
  const { clock, held, take } = slots()
  const [one, other] = [take(), take()]
  assert.equal(held.keep(one, undefined), 1)
  clock.ms = 10_000
  assert.equal(held.keep(one, undefined), 0)
  assert.equal(held.keep(other, undefined), 1)
})
