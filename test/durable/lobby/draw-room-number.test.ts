/** How room numbers are drawn: evenly, from the smallest range that is less than half taken, never one that is taken. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawNumber } from '../../../durable/lobby/draw-room-number.ts'

function none() {
  return false
}

test('the smallest range less than half full is used', () => {
  function largestDrawn(takenUpTo: Record<number, number>) {
    return drawNumber((largest) => takenUpTo[largest] ?? 0, none, draws(2 ** 32 - 1_000_000, 998, 98))
  }
  assert.equal(largestDrawn({ 99: 49 }), ((2 ** 32 - 1_000_000) % 99) + 1)
  assert.equal(largestDrawn({ 99: 50, 999: 499 }), ((2 ** 32 - 1_000_000) % 999) + 1)
  assert.equal(
    largestDrawn({ 99: 99, 999: 500, 9_999: 5_000, 99_999: 50_000 }),
    ((2 ** 32 - 1_000_000) % 999_999) + 1,
  )
})

test('when every range is half full there is no number', () => {
  assert.equal(
    drawNumber((largest) => Math.ceil(largest / 2), none),
    undefined,
  )
})

test('a taken number is drawn again', () => {
  const taken = new Set([5, 6])
  assert.equal(
    drawNumber(
      () => 2,
      (number) => taken.has(number),
      draws(4, 5, 4, 6),
    ),
    7,
  )
})

test('draws above the last whole multiple of the range are thrown away', () => {
  const remainder = 2 ** 32 % 99
  assert.equal(
    drawNumber(() => 0, none, draws(2 ** 32 - remainder, 2 ** 32 - 1, 98)),
    99,
  )
  assert.equal(
    drawNumber(() => 0, none, draws(2 ** 32 - remainder - 1, 0)),
    99,
  )
})

test('real draws reach both ends of the range and nothing outside', () => {
  const seen = new Set(Array.from({ length: 5_000 }, () => drawNumber(() => 0, none)))
  assert.equal(seen.size, 99)
  assert.ok(seen.has(1) && seen.has(99))
})

function draws(...values: number[]): () => number {
  return () => {
    const value = values.shift()
    assert.notEqual(value, undefined, 'no more draws expected')
    return value ?? 0
  }
}
