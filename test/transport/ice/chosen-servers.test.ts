import assert from 'node:assert/strict'
import test from 'node:test'
import { chooseIceServers, hasRelay, hostOfServer } from '../../../transport/ice/chosen-servers.ts'

const turn = { username: 'user', credential: 'secret' }
const named = [
  { urls: ['stun:a.test:3478', 'stun:b.test'] },
  { urls: ['turn:c.test:3478?transport=udp', 'turns:d.test:5349?transport=tcp'], ...turn },
]

/** What an entry without these fields leaves. */
const unnamed = { tlsName: undefined, relayMayLearnHosts: false }

test('each further attempt starts one server further down the list', () => {
  assert.deepEqual(chooseIceServers(named, false, 0), {
    servers: [{ urls: 'stun:a.test:3478' }, { urls: 'turn:c.test:3478?transport=udp', ...turn }],
    stun: true,
    hosts: ['a.test', 'c.test'],
    ...unnamed,
  })
  assert.deepEqual(chooseIceServers(named, false, 1), {
    servers: [{ urls: 'stun:b.test' }, { urls: 'turns:d.test:5349?transport=tcp', ...turn }],
    stun: true,
    hosts: ['b.test', 'd.test'],
    ...unnamed,
  })
  assert.deepEqual(chooseIceServers(named, false, 2), chooseIceServers(named, false, 0))
})

test('unusable entries are skipped', () => {
  const broken = [{ urls: ['turn:no-credential.test', 'http://x.test', 'turn:y.test?transport=quic', ''] }]
  assert.deepEqual(chooseIceServers([...broken, ...named], false, 0), chooseIceServers(named, false, 0))
  assert.deepEqual(chooseIceServers([], false, 0), { servers: [], stun: false, hosts: [], ...unnamed })
  assert.deepEqual([hasRelay(broken), hasRelay(named)], [false, true])
})

test('limited to relays only the TURN server is asked, and without one the attempt is refused', () => {
  assert.deepEqual(chooseIceServers(named, true, 0), {
    servers: [{ urls: 'turn:c.test:3478?transport=udp', ...turn }],
    stun: false,
    hosts: ['c.test'],
    ...unnamed,
  })
  assert.throws(() => chooseIceServers([{ urls: ['turn:c.test'] }], true, 0), { code: 'no_path' })
})

test('the name in a certificate and the trust in a TURN server go with its entry', () => {
  const pinned = { urls: ['turns:203.0.113.5:5349'], ...turn, serverName: 'turn.test', mayLearnHosts: true }
  const { tlsName, relayMayLearnHosts, servers } = chooseIceServers([pinned, ...named], false, 0)
  assert.deepEqual([tlsName, relayMayLearnHosts], ['turn.test', true])
  assert.deepEqual(servers.at(-1), { urls: 'turns:203.0.113.5:5349', ...turn })
  assert.equal(chooseIceServers([pinned, ...named], false, 1).tlsName, undefined)
})

test('the host of a server is read from its URL, with and without a port', () => {
  const hosts = ['stun:a.test', 'turn:192.0.2.1:3478?transport=tcp', 'turns:[2001:db8::1]:443', 'stun:[::1]']
  assert.deepEqual(hosts.map(hostOfServer), ['a.test', '192.0.2.1', '2001:db8::1', '::1'])
})
