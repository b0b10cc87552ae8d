import assert from 'node:assert/strict'
import test from 'node:test'
import { RemoteCandidates } from '../../../transport/ice/remote-candidates.ts'

function line(host: string, type = 'host') {
  return `candidate:1 1 udp 2122 ${host} 50000 typ ${type}`
}

function mdnsName(index: number) {
  return `0f8fad5b-d9cb-469f-a165-${String(index).padStart(12, '0')}.local`
}

const anywhere = { relayOnly: false, relayMayLearnHosts: false }

test('at most 24 named candidates are used, of which four are names to look up', () => {
  const remote = new RemoteCandidates(anywhere)
  const names = Array.from({ length: 510 }, (_, index) => remote.admitsNamed(line(mdnsName(index))))
  assert.equal(names.filter(Boolean).length, 4)
  const addresses = Array.from({ length: 170 }, (_, index) => remote.admitsNamed(line(`192.0.2.${index}`)))
  assert.equal(addresses.filter(Boolean).length, 20)
})

test('at most eight sources of checks become candidates', () => {
  const remote = new RemoteCandidates(anywhere)
  const seen = Array.from({ length: 40 }, () => remote.admitsSeen())
  assert.equal(seen.filter(Boolean).length, 8)
})

test('no candidate reaches this host itself or many hosts, and a peer on this host may name its loopback', () => {
  const refused = [
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    '::',
    'ff02::1',
    'fe80::1',
    'fe80::1%lo',
    'printer.local',
  ]
  const loopback = ['127.0.0.1', '127.0.0.53', '::1', '::ffff:127.0.0.1']
  const remote = new RemoteCandidates(anywhere)
  for (const host of [...refused, ...loopback]) assert.equal(remote.admitsNamed(line(host)), false, host)
  remote.peerIsOnThisHost = true
  for (const host of refused) assert.equal(remote.admitsNamed(line(host)), false, host)
  for (const host of loopback) assert.equal(remote.admitsNamed(line(host)), true, host)
})

test('a name is judged once more by the address that it has', () => {
  const remote = new RemoteCandidates(anywhere)
  const local = { type: 'host', host: '192.0.2.7' }
  for (const host of ['127.0.0.1', '224.0.0.251', '0.0.0.0', 'unresolved.local'])
    assert.equal(remote.mayPair(local, { type: 'host', host }), false, host)
  assert.equal(remote.mayPair(local, { type: 'host', host: '10.1.2.3' }), true)
})

test('link-local addresses are checked from such an address only', () => {
  const remote = new RemoteCandidates(anywhere)
  const cable = { type: 'host', host: '169.254.3.5' }
  assert.ok(remote.admitsNamed(line(cable.host)))
  assert.equal(remote.mayPair({ type: 'host', host: '169.254.3.4' }, cable), true)
  assert.equal(remote.mayPair({ type: 'host', host: '192.0.2.7' }, cable), false)
  assert.equal(remote.mayPair({ type: 'relay', host: '203.0.113.9' }, cable), false)
})

test('a TURN server is told no address of the peer’s interfaces, unless it may know them', () => {
  const relay = { type: 'relay', host: '203.0.113.9' }
  const own = ['192.168.1.5', '198.51.100.2', '2001:db8::5'].map((host) => ({ type: 'host', host }))
  own.push({ type: 'prflx', host: '192.168.1.5' })
  const allowed = [
    { type: 'srflx', host: '198.51.100.1' },
    { type: 'relay', host: '203.0.113.10' },
  ]
  for (const relayOnly of [false, true]) {
    const strict = new RemoteCandidates({ relayOnly, relayMayLearnHosts: false })
    const trusting = new RemoteCandidates({ relayOnly, relayMayLearnHosts: true })
    for (const remote of own) {
      assert.equal(strict.mayPair(relay, remote), false, remote.host)
      assert.equal(trusting.mayPair(relay, remote), !relayOnly, remote.host)
    }
    for (const remote of allowed) assert.equal(strict.mayPair(relay, remote), true, remote.host)
  }
})

test('with a relay only no name is looked up', () => {
  const remote = new RemoteCandidates({ relayOnly: true, relayMayLearnHosts: false })
  assert.equal(remote.admitsNamed(line(mdnsName(1))), false)
})
