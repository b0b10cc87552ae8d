import assert from 'node:assert/strict'
import test from 'node:test'
import { waitForConsent } from '../../../transport/werift/consent-patience.ts'

test('werift reads a long round-trip time, while the measured one remains known', () => {
  const pair = { rtt: 0.02 } as never
  const measured = waitForConsent(pair)
  const seen = pair as { rtt: number }
  assert.equal(seen.rtt, 10)
  assert.equal(measured(), 0.02)
  seen.rtt = 0.7
  assert.equal(seen.rtt, 10)
  assert.equal(measured(), 0.7)
})
