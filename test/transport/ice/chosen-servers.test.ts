import assert from 'node:assert/strict'
import test from 'node:test'
import { additionalHostAddresses } from '../../../transport/ice/host-addresses.ts'
import { chooseIceServers } from '../../../transport/ice/chosen-servers.ts'

const turn = { username: 'user', credential: 'secret' }
const named = [
  { urls: ['stun:a.test:3478', 'stun:b.test'] },
  { urls: ['turn:c.test:3478?transport=udp', 'turns:d.test:5349?transport=tcp'], ...turn },
]

test('each further attempt starts one server further down the list', () => {
  assert.deepEqual(chooseIceServers(named, false, 0), {
    servers: [{ urls: 'stun:a.test:3478' }, { urls: 'turn:c.test:3478?transport=udp', ...turn }],
    stun: true,
  })
  assert.deepEqual(chooseIceServers(named, false, 1), {
    servers: [{ urls: 'stun:b.test' }, { urls: 'turns:d.test:5349?transport=tcp', ...turn }],
    stun: true,
  })
  assert.deepEqual(chooseIceServers(named, false, 2), chooseIceServers(named, false, 0))
})

test('unusable entries are skipped', () => {
  const broken = [{ urls: ['turn:no-credential.test', 'http://x.test', 'turn:y.test?transport=quic', ''] }]
  assert.deepEqual(chooseIceServers([...broken, ...named], false, 0), chooseIceServers(named, false, 0))
  assert.deepEqual(chooseIceServers([], false, 0), { servers: [], stun: false })
})

test('limited to relays only the TURN server is asked, and without one the attempt is refused', () => {
  assert.deepEqual(chooseIceServers(named, true, 0), {
    servers: [{ urls: 'turn:c.test:3478?transport=udp', ...turn }],
    stun: false,
  })
  assert.throws(() => chooseIceServers([{ urls: ['turn:c.test'] }], true, 0), { code: 'no_path' })
})

function info(address: string, internal = false) {
  return {
    address,
    internal,
    family: address.includes(':') ? 'IPv6' : 'IPv4',
    netmask: '',
    mac: '',
    cidr: null,
  } as never
}

test('a host with an ordinary interface needs no additional address', () => {
  const interfaces = { lo: [info('127.0.0.1', true)], eth0: [info('192.0.2.7')], tun0: [info('10.8.0.2')] }
  assert.deepEqual(additionalHostAddresses(interfaces), [])
})

test('a host with only a tunnel adds its address, and one without a network adds loopback', () => {
  const lo = [info('127.0.0.1', true), info('::1', true)]
  assert.deepEqual(additionalHostAddresses({ lo, tun0: [info('10.8.0.2'), info('fe80::1')] }), ['10.8.0.2'])
  assert.deepEqual(additionalHostAddresses({ lo }), ['127.0.0.1'])
  assert.deepEqual(additionalHostAddresses({ lo, eth0: [info('fe80::1'), info('169.254.3.4')] }), [
    '127.0.0.1',
  ])
})
