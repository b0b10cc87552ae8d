/** The key of a client: one for the addresses of a household, one for what is not an address, none for the loopback. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientKey } from '../../../workers/http/client-address.ts'

const table: [address: string | undefined, key: string | undefined][] = [
  ['203.0.113.5', '203.0.113.5'],
  ['::ffff:203.0.113.5', '203.0.113.5'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:db8:1:2::', '2001:db8:1:2::/64'],
  ['::2', '0:0:0:0::/64'],
  ['127.0.0.1', undefined],
  ['127.8.8.8', undefined],
  ['::1', undefined],
  ['::ffff:127.0.0.1', undefined],
  [undefined, 'unknown'],
  ['', 'unknown'],
  ['127.0.0.1.evil', 'unknown'],
  ['1:2:3', 'unknown'],
  ['1:2:3:4:5:6:7:8:9', 'unknown'],
  ['1::2::3', 'unknown'],
  ['1:2:3:4:5:6:7::8', 'unknown'],
  ['1:2:3:4:5:6::8', '1:2:3:4::/64'],
  ['g::1', 'unknown'],
  ['1'.repeat(100), 'unknown'],
]

for (const [address, key] of table) {
  test(`${address?.slice(0, 30) ?? 'no address'} ${key === undefined ? 'is not counted' : `counts as ${key}`}`, () => {
    assert.equal(clientKey(address), key)
  })
}
