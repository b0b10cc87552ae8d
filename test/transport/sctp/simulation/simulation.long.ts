import assert from 'node:assert/strict'
import test from 'node:test'
import { runEverySeed } from './every-seed.ts'
import { heapBytes } from './heap-bytes.ts'
import { openPair, patterned } from '../pair.ts'

test('100,000 random scenarios deliver every byte once and in order, end, and use no more memory over time', () =>
  runEverySeed('scenario', 100_000))

test('an association that transfers 256 MiB over a bad path uses no more memory at the end than after 32 MiB', () => {
  const { time, a, b } = openPair({
    ab: { delayMs: 5, jitterMs: 2, loss: 0.01, duplication: 0.01, bytesPerSecond: 5e7, queueBytes: 200_000 },
    ba: { delayMs: 5, jitterMs: 2, loss: 0.01 },
    // The TSNs wrap around on the way.
    a: { initialTsn: 2 ** 32 - 100_000, ringChunks: 16_384 },
  })
  const message = patterned(65_536, 1)
  const total = 4_096
  let sent = 0
  let arrived = 0
  const heaps: number[] = []
  b.onMessage = ({ payload }) => {
    assert.ok(message.equals(payload), `message ${arrived}`)
    b.association.consumed(payload.length)
    b.received.length = 0
    if (++arrived % 512 === 0) heaps.push(heapBytes())
  }
  a.onRoom = () => {
    for (; sent < total && a.association.bufferedBytes < 2 << 20; sent++) a.association.send(0, 53, message)
  }
  a.onRoom()
  assert.ok(time.run(Infinity, () => arrived === total || a.association.state !== 'open'))
  assert.equal(arrived, total)
  const [first = 0, ...later] = heaps
  assert.ok(Math.max(...later) < first + (4 << 20), `live bytes after each 32 MiB: ${heaps.join(', ')}`)
})
