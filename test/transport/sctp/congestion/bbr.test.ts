/** BBR on simulated paths in virtual time: throughput, fairness, length of the queue. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bbr } from '../../../../transport/sctp/congestion/bbr.ts'
import { newReno } from '../../../../transport/sctp/congestion/new-reno.ts'
import { share } from './shared-bottleneck.ts'

const longPath = { rateMbit: 10, roundTripMs: 50, loss: 0, queueBdp: 1 }

for (const [loss, least] of [
  [0, 0.88],
  [0.01, 0.86],
  [0.05, 0.8],
] as const) {
  test(`BBR uses at least ${least * 100} % of a long path with ${loss * 100} % loss, startup included`, () => {
    const { shares } = share([bbr], { ...longPath, loss }, 8)
    assert.ok((shares[0] ?? 0) >= least, `share ${shares[0]}`)
  })
}

test('NewReno leaves three quarters of the same path unused at 1 % loss', () => {
  const { shares } = share([newReno], { ...longPath, loss: 0.01 }, 8)
  assert.ok((shares[0] ?? 1) < 0.25, `share ${shares[0]}`)
})

test('a single BBR flow keeps its queue below half a bandwidth-delay product, however deep the buffer is', () => {
  const { peakQueueBdp } = share([bbr], { ...longPath, queueBdp: 8 }, 8)
  assert.ok(peakQueueBdp < 0.5, `queue ${peakQueueBdp}`)
})

test('BBR and NewReno each get at least a quarter of a shared path, whichever starts first', () => {
  for (const flows of [
    [bbr, newReno],
    [newReno, bbr],
  ]) {
    const { shares } = share(flows, longPath, 20)
    for (const portion of shares) assert.ok(portion >= 0.25, `shares ${shares.join(' and ')}`)
  }
})

test('two BBR flows each get at least a quarter of the path, although one starts later', () => {
  const { shares } = share([bbr, bbr], longPath, 30)
  for (const portion of shares) assert.ok(portion >= 0.25, `shares ${shares.join(' and ')}`)
})

test('BBR loses little to a buffer too small for a burst', () => {
  const { shares } = share([bbr], { ...longPath, roundTripMs: 100, queueBdp: 0.1 }, 15)
  assert.ok((shares[0] ?? 0) >= 0.85, `share ${shares[0]}`)
})
