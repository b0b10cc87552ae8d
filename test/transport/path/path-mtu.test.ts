import assert from 'node:assert/strict'
import test from 'node:test'
import { PathMtu } from '../../../transport/path/path-mtu.ts'

/** A path that takes datagrams of up to `limit` bytes but loses the first `losses` of each size; `wait` lets time pass. */
function path(limit: number, maxBytes: number, losses = 0) {
  const state = { limit, applied: [] as number[], probed: [] as number[] }
  const timers: { delayMs: number; call: () => void }[] = []
  const mtu = new PathMtu({
    baseBytes: 1_172,
    maxBytes,
    probe(bytes, onResult) {
      state.probed.push(bytes)
      const tries = state.probed.filter((size) => size === bytes).length
      timers.push({ delayMs: 0, call: () => onResult(bytes <= state.limit && tries > losses) })
    },
    apply: (bytes) => state.applied.push(bytes),
    setTimer(delayMs, call) {
      const timer = { delayMs, call }
      timers.push(timer)
      return () => timers.splice(timers.indexOf(timer) >>> 0, timers.includes(timer) ? 1 : 0)
    },
  })
  function wait(upToMs: number) {
    for (let steps = 0; steps < 1_000; steps++) {
      const index = timers.findIndex(({ delayMs }) => delayMs <= upToMs)
      if (index < 0) return
      timers.splice(index, 1)[0]?.call()
    }
    assert.fail('the search does not end')
  }
  return { state, mtu, wait }
}

test('a path that takes what the interface takes is found by one probe', () => {
  for (const limit of [1_472, 8_972, 65_437]) {
    const { state, mtu, wait } = path(limit, limit)
    mtu.start()
    wait(0)
    assert.deepEqual([state.probed, mtu.datagramBytes, state.applied], [[limit], limit, [limit]])
  }
})

test('the largest plateau below any limit is found and never exceeded, even when probes are lost by chance', () => {
  for (let limit = 1_172; limit < 20_000; limit += 97) {
    const { state, mtu, wait } = path(limit, 65_437, 2)
    mtu.start()
    wait(0)
    assert.ok(mtu.datagramBytes <= limit, `${mtu.datagramBytes} over a path of ${limit}`)
    if (limit < 1_500)
      assert.ok(limit - mtu.datagramBytes <= 97, `${mtu.datagramBytes} over a path of ${limit}`)
    for (const size of state.applied) assert.ok(size <= limit)
  }
})

test('a path that takes no more than the base keeps it and is probed again after ten minutes', () => {
  const { state, mtu, wait } = path(1_200, 1_472)
  mtu.start()
  wait(0)
  assert.equal(mtu.datagramBytes, 1_172)
  state.limit = 1_472
  wait(599_999)
  assert.equal(mtu.datagramBytes, 1_172)
  wait(600_000)
  assert.equal(mtu.datagramBytes, 1_472)
})

test('after a black hole the base is used at once, and the size that still passes is found later', () => {
  const { state, mtu, wait } = path(65_437, 65_437)
  mtu.start()
  wait(0)
  state.limit = 1_452
  mtu.fallBack()
  assert.equal(state.applied.at(-1), 1_172)
  wait(5_000)
  assert.equal(mtu.datagramBytes, 1_452)
})

test('after a change of path the search starts at the base', () => {
  const { state, mtu, wait } = path(8_972, 8_972)
  mtu.start()
  wait(0)
  state.limit = 1_400
  mtu.pathChanged()
  assert.equal(mtu.datagramBytes, 1_172)
  wait(0)
  assert.equal(mtu.datagramBytes, 1_392)
})

test('a stopped search applies nothing', () => {
  const { state, mtu, wait } = path(1_472, 1_472)
  mtu.start()
  mtu.stop()
  wait(Infinity)
  assert.deepEqual(state.applied, [])
})

test('an interface no larger than the base is not probed', () => {
  const { state, mtu, wait } = path(1_472, 1_100)
  mtu.start()
  wait(0)
  assert.deepEqual([state.probed, mtu.datagramBytes], [[], 1_172])
})
