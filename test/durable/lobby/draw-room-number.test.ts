/** Room numbers are drawn evenly from the smallest range that is less than half taken, and never one that is taken. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawRoomNumber } from '../../../durable/lobby/draw-room-number.ts'

function none() {
  return false
}

test('numbers come from the smallest range that is less than half taken', () => {
  function largestDrawn(takenUpTo: Record<number, number>) {
    return drawRoomNumber((largest) => takenUpTo[largest] ?? 0, none, draws(2 ** 32 - 1_000_000, 998, 98))
  }
  assert.equal(largestDrawn({ 99: 49 }), ((2 ** 32 - 1_000_000) % 99) + 1)
  assert.equal(largestDrawn({ 99: 50, 999: 499 }), ((2 ** 32 - 1_000_000) % 999) + 1)
  assert.equal(
    largestDrawn({ 99: 99, 999: 500, 9_999: 5_000, 99_999: 50_000 }),
    ((2 ** 32 - 1_000_000) % 999_999) + 1,
  )
})

test('no number is given when every range is half taken', () => {
  assert.equal(
    drawRoomNumber((largest) => Math.ceil(largest / 2), none),
    undefined,
  )
})

test('a number that is taken is not given: another is drawn', () => {
  const taken = new Set([5, 6])
  assert.equal(
    drawRoomNumber(
      () => 2,
      (number) => taken.has(number),
      draws(4, 5, 4, 6),
    ),
    7,
  )
})

test('random values above the last whole multiple of the range are rejected', () => {
  const remainder = 2 ** 32 % 99
  assert.equal(
    drawRoomNumber(() => 0, none, draws(2 ** 32 - remainder, 2 ** 32 - 1, 98)),
    99,
  )
  assert.equal(
    drawRoomNumber(() => 0, none, draws(2 ** 32 - remainder - 1, 0)),
    99,
  )
})

test('real random numbers reach both ends of the range and nothing outside it', () => {
  const seen = new Set(Array.from({ length: 5_000 }, () => drawRoomNumber(() => 0, none)))
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
