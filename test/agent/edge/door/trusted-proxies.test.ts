/** For whom a request counts: never for an address that its sender could have made up. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { networkOf, parseAddressRange } from '../../../../agent/edge/access/addresses.ts'
import { clientOf, trustProxies } from '../../../../agent/edge/door/trusted-proxies.ts'

function ranges(...texts: string[]) {
  return texts.map((text) => parseAddressRange(text) ?? assert.fail(text))
}

const nobody = trustProxies([])
const two = trustProxies(ranges('127.0.0.1', '10.0.0.0/8'))

test('without a proxy only the address of the socket counts, whatever the request says', () => {
  for (const forged of [undefined, '198.51.100.7', '127.0.0.1', 'x, y'])
    assert.deepEqual(clientOf('192.0.2.1', forged, nobody), { address: '192.0.2.1', proxied: false })
  assert.deepEqual(clientOf('::ffff:192.0.2.1', undefined, nobody), { address: '192.0.2.1', proxied: false })
  assert.deepEqual(clientOf('192.0.2.1', '198.51.100.7', two), { address: '192.0.2.1', proxied: false })
})

test('behind a proxy the right-most address that is no proxy counts', () => {
  const told: [forwardedFor: string | undefined, address: string][] = [
    ['198.51.100.7', '198.51.100.7'],
    ['203.0.113.9, 198.51.100.7', '198.51.100.7'],
    ['203.0.113.9, 198.51.100.7, 10.1.2.3', '198.51.100.7'],
    ['198.51.100.7:4711', '198.51.100.7'],
    ['[2001:db8::1]:4711', '2001:db8::1'],
    // Who it is for is not said, or by nobody who may say it: counted together, never without a limit.
    [undefined, 'unknown'],
    ['', 'unknown'],
    ['10.1.2.3', 'unknown'],
    ['127.0.0.1', 'unknown'],
    ['::1', 'unknown'],
    ['198.51.100.7, garbage', 'unknown'],
  ]
  for (const [forwardedFor, address] of told)
    assert.deepEqual(
      clientOf('127.0.0.1', forwardedFor, two),
      { address, proxied: true },
      forwardedFor ?? 'absent',
    )
})

test('who has a network of IPv6 addresses counts once for all of them', () => {
  const same = ['2001:db8::1', '2001:db8:0:0:ffff::', '2001:DB8::a:b:c:d', '2001:db8::192.0.2.1']
  for (const address of same) assert.equal(networkOf(address), '2001:db8:0:0::/64', address)
  assert.equal(networkOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64')
  assert.equal(networkOf('::1'), '0:0:0:0::/64')
  assert.equal(networkOf('192.0.2.7'), '192.0.2.7')
})
