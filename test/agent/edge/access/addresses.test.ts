/** Addresses and networks, as they are written in many places. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAddressRange, plainAddress } from '../../../../agent/edge/access/addresses.ts'

test('an address or a network is read, and nothing else', () => {
  assert.deepEqual(['10.0.0.7', '10.0.0.0/8', 'fd00::/8', '::1'].map(parseAddressRange), [
    { address: '10.0.0.7', prefix: 32 },
    { address: '10.0.0.0', prefix: 8 },
    { address: 'fd00::', prefix: 8 },
    { address: '::1', prefix: 128 },
  ])
  for (const text of [
    '',
    'proxy',
    '10.0.0',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '1.2.3.4/-1',
  ])
    assert.equal(parseAddressRange(text), undefined, text)
})

test('an address is read without port, zone and mapping', () => {
  const texts = [
    '192.0.2.1',
    '192.0.2.1:80',
    '[2001:db8::1]:80',
    '::ffff:192.0.2.1',
    'fe80::1%eth0',
    'unknown',
    '_x',
    '',
  ]
  assert.deepEqual(texts.map(plainAddress), [
    '192.0.2.1',
    '192.0.2.1',
    '2001:db8::1',
    '192.0.2.1',
    'fe80::1',
    undefined,
    undefined,
    undefined,
  ])
})
