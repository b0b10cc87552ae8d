import assert from 'node:assert/strict'
import test from 'node:test'
import { scopeOf } from '../../../transport/ice/address-scope.ts'

const known = {
  loopback: [
    '127.0.0.1',
    '127.255.0.9',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::7f00:1',
    '::127.0.0.1',
  ],
  unusable: [
    '0.0.0.0',
    '0.1.2.3',
    '255.255.255.255',
    '224.0.0.251',
    '239.1.1.1',
    '240.0.0.1',
    '::',
    'ff02::fb',
  ],
  link_local: ['169.254.169.254', 'fe80::1', 'fe80::1%eth0', '::ffff:169.254.1.1'],
  private: [
    '10.0.0.1',
    '172.16.0.1',
    '172.31.9.9',
    '192.168.1.1',
    '100.64.0.1',
    'fd00::2',
    '::ffff:10.1.2.3',
    '2002:a00:1::',
  ],
  public: ['192.0.2.1', '172.32.0.1', '100.128.0.1', '8.8.8.8', '2001:db8::1', '64:ff9b::808:808'],
} as const

test('each kind of address is recognized, also where IPv6 hides an IPv4 address', () => {
  for (const [scope, addresses] of Object.entries(known)) {
    for (const address of addresses) assert.equal(scopeOf(address), scope, address)
  }
})

test('what is not a literal address has no scope', () => {
  for (const text of ['', 'localhost', '127.1', '0x7f000001', '2130706433', '[::1]', '1.2.3.4:5'])
    assert.equal(scopeOf(text), undefined, text)
})
