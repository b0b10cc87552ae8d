import assert from 'node:assert/strict'
import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'
import test from 'node:test'
import { makeStartAttempt } from '../../../transport/webrtc-attempt.ts'
import { openPair } from '../attempt-pair.ts'
import { hostAddresses, rankAddresses, type Network } from '../../../transport/ice/host-addresses.ts'

type Kind = 'cable' | 'vpn' | 'bridge'

/** Interfaces as `name: [kind, metric of a route that leads on, addresses…]`. */
function network(
  interfaces: Record<string, readonly [Kind, number | undefined, ...string[]]>,
  routed: readonly string[] = [],
): Network {
  const entries = Object.entries(interfaces)
  return {
    addresses: entries.flatMap(([name, [, , ...addresses]]) =>
      addresses.map((address) => ({ name, address })),
    ),
    traits: new Map(entries.map(([name, [kind, gatewayMetric]]) => [name, { kind, gatewayMetric }])),
    routed,
  }
}

const lo = ['cable', undefined, '127.0.0.1', '::1'] as const

test('what the routes use comes first, then cables, VPNs and further addresses; bridges nobody routes through are last', () => {
  const ranked = rankAddresses(
    network(
      {
        'br-0': ['bridge', undefined, '172.18.0.1'],
        br1: ['bridge', 50, '192.0.2.60'],
        docker0: ['bridge', undefined, '172.17.0.1'],
        eth0: ['cable', 100, '192.0.2.7', '192.0.2.8', '2001:db8::7'],
        eth1: ['cable', undefined, '10.0.0.7'],
        lo,
        tun0: ['vpn', undefined, '10.8.0.2'],
        wlan0: ['cable', 600, '198.51.100.7'],
      },
      ['198.51.100.7', '127.0.0.1', '198.51.100.7'],
    ),
  )
  assert.deepEqual(ranked, [
    '198.51.100.7',
    '192.0.2.60',
    '192.0.2.7',
    '2001:db8::7',
    '10.0.0.7',
    '10.8.0.2',
    '192.0.2.8',
    '172.18.0.1',
    '172.17.0.1',
  ])
})

test('the limit drops the least useful addresses, whatever their interfaces are called', () => {
  const bridges = Array.from({ length: 30 }, (_, n) => [`a${n}`, ['bridge', undefined, `172.${n}.0.1`]])
  const more = Array.from({ length: 20 }, (_, n) => `2001:db8::${n + 1}`)
  const ranked = rankAddresses(
    network({
      ...Object.fromEntries(bridges),
      zz0: ['cable', 100, '192.0.2.7', ...more],
      zz1: ['vpn', undefined, '10.8.0.2'],
    }),
  )
  assert.deepEqual(ranked.slice(0, 3), ['192.0.2.7', '2001:db8::1', '10.8.0.2'])
  assert.equal(ranked.length, 10)
})

test('an address routed to the loopback interface and a cable with only a link-local one are offered', () => {
  const ranked = rankAddresses(
    network({
      eth0: ['cable', 0, '169.254.3.4', 'fe80::1'],
      eth1: ['cable', 0, '192.0.2.7', '169.254.3.5'],
      lo: ['cable', undefined, '127.0.0.1', '203.0.113.80', '::1'],
    }),
  )
  assert.deepEqual(ranked, ['169.254.3.4', '192.0.2.7', '203.0.113.80'])
})

test('without a list of interfaces what connected sockets tell is offered, and loopback when that is nothing', () => {
  const none = { addresses: [], traits: new Map() }
  assert.deepEqual(rankAddresses({ ...none, routed: ['127.0.0.1', 'fe80::7%eth0', '192.0.2.7'] }), [
    '192.0.2.7',
  ])
  assert.deepEqual(rankAddresses({ ...none, routed: ['127.0.0.1', '::1'] }), ['127.0.0.1'])
  assert.deepEqual(rankAddresses(network({ lo })), ['127.0.0.1'])
})

test('this host has addresses, whichever hosts it is to reach and however they are named', async () => {
  const addresses = await hostAddresses(['127.0.0.1', '::1', 'no-such-host.invalid'])
  assert.ok(addresses.length > 0)
  assert.equal(new Set(addresses).size, addresses.length)
})

test('two peers connect on a system that refuses to list its interfaces', async (t) => {
  const list = t.mock.method(os, 'networkInterfaces', () => {
    throw new Error('uv_interface_addresses returned 13')
  })
  syncBuiltinESMExports()
  t.after(() => {
    list.mock.restore()
    syncBuiltinESMExports()
  })
  for (const transport of ['fast', 'werift'] as const) {
    const start = makeStartAttempt({ transport })
    const { offering, close } = await openPair(t, start, start)
    assert.equal(offering.path().kind, 'direct')
    close()
  }
  assert.ok(list.mock.callCount() > 0)
})
