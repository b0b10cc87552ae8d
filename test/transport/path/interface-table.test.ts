import assert from 'node:assert/strict'
import test from 'node:test'
import {
  gatewayMetrics,
  interfaceAddresses,
  interfaceMtu,
  interfaceTraits,
} from '../../../transport/path/interface-table.ts'
import { addressTowards } from '../../../transport/path/route-address.ts'

const V4 = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	010200C0	0003	0	0	100	00000000	0	0	0
eth0	000200C0	00000000	0001	0	0	100	00FFFFFF	0	0	0
wlan0	00000000	0101A8C0	0003	0	0	600	00000000	0	0	0
wg0	00000000	00000000	0001	0	0	50	00000000	0	0	0
docker0	000011AC	00000000	0001	0	0	0	0000FFFF	0	0	0
`
const V6 = `20010db8000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000040 00000001 00000000 00450003     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
`

test('interfaces through which other networks are reached have the metric of their best route', () => {
  assert.deepEqual(
    gatewayMetrics(V4, V6),
    new Map([
      ['eth0', 64],
      ['wlan0', 600],
      ['wg0', 50],
    ]),
  )
  assert.deepEqual(gatewayMetrics('', ''), new Map())
})

test('a system that refuses to list its interfaces has none', () => {
  function refused(): never {
    throw new Error('uv_interface_addresses returned 13')
  }
  assert.deepEqual(interfaceAddresses(refused), [])
})

test('an interface that does not exist has no MTU, and its name alone tells its kind', async () => {
  const names = ['br-0a1b', 'docker0', 'eth7', 'tun7', 'utun3', 'wg7', '../../etc']
  const traits = await interfaceTraits(names)
  assert.deepEqual(
    names.map((name) => traits.get(name)?.kind),
    ['bridge', 'bridge', 'cable', 'vpn', 'vpn', 'vpn', 'cable'],
  )
  assert.equal(await interfaceMtu('no-such-if0'), undefined)
  assert.equal(await interfaceMtu('../../etc'), undefined)
})

test('the address towards a host is that of the route', async () => {
  assert.equal(await addressTowards('127.0.0.9'), '127.0.0.1')
  assert.equal(await addressTowards('no-such-host.invalid'), undefined)
  assert.equal(await addressTowards('255.255.255.255.1'), undefined)
})
