/** Which of an edge's STUN and TURN servers an agent asks, by where the edge itself is reached. */
import assert from 'node:assert/strict'
import dns from 'node:dns'
import { test } from 'node:test'
import { watchEdge } from '../../../agent/paths/edge-reach.ts'
import { type EdgeReach, screenEdgeServers } from '../../../agent/paths/edge-servers.ts'
import { serve } from '../../support/edge/fake-edge.ts'

const login = { username: 'u', credential: 'c' }
/** What each name resolves to; one that is asked for twice would be judged by one answer and used by another. */
const names: Record<string, readonly string[]> = {
  'turn.test': ['203.0.113.5'],
  'six.test': ['2001:db8::5', '203.0.113.6'],
  'only-six.test': ['2001:db8::6'],
  'mixed.test': ['127.0.0.1', '10.0.0.5', '203.0.113.7'],
  'inside.test': ['10.0.0.5', '127.0.0.1', '169.254.169.254'],
  'nowhere.test': [],
}

async function screened(urls: readonly string[], reach: EdgeReach) {
  const asked: string[] = []
  const { servers, refusals } = await screenEdgeServers(
    urls.map((url) => ({ urls: [url], ...login })),
    reach,
    (host) => {
      asked.push(host)
      return Promise.resolve(names[host] ?? assert.fail(host))
    },
  )
  assert.equal(new Set(asked).size, asked.length, 'a name is resolved once')
  return { urls: servers.map(({ urls: [url] }) => url), servers, refusals }
}

test('a name is replaced by the address that was judged, and stays the name of the certificate', async () => {
  const { servers } = await screened(['turns:turn.test:5349?transport=tcp', 'turn:203.0.113.5'], 'public')
  assert.deepEqual(servers, [
    { urls: ['turns:203.0.113.5:5349?transport=tcp'], ...login, serverName: 'turn.test' },
    { urls: ['turn:203.0.113.5'], ...login, serverName: undefined },
  ])
})

test('IPv4 is taken where there is both, and IPv6 stands in brackets', async () => {
  const { urls } = await screened(['stun:six.test:3478', 'turn:only-six.test:3478'], 'public')
  assert.deepEqual(urls, ['stun:203.0.113.6:3478', 'turn:[2001:db8::6]:3478'])
})

test('an edge on the internet names no server of this host or its networks, by address or by name', async () => {
  const inside = [
    '127.0.0.1',
    '10.0.0.5',
    '192.168.1.1',
    '172.16.0.1',
    '100.64.0.1',
    '[::1]',
    '[fd00::1]',
    '[::ffff:10.0.0.1]',
  ]
  const nobody = [
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    '169.254.169.254',
    '[fe80::1]',
    '[ff02::1]',
    '[::]',
  ]
  for (const host of [...inside, ...nobody, 'inside.test', 'nowhere.test']) {
    for (const scheme of ['stun', 'turn', 'turns']) {
      const { urls, refusals } = await screened([`${scheme}:${host}:25`], 'public')
      assert.deepEqual(urls, [], host)
      assert.equal(refusals.length, 1, host)
    }
  }
  assert.deepEqual((await screened(['turn:mixed.test:3478'], 'public')).urls, ['turn:203.0.113.7:3478'])
})

test('an edge at a private address may name private servers, and one on this host its own', async () => {
  async function allowed(reach: EdgeReach) {
    const hosts = ['127.0.0.1', '10.0.0.5', '[fd00::1]', '169.254.169.254', '224.0.0.1', '0.0.0.0']
    const each = await Promise.all(hosts.map((host) => screened([`turn:${host}:3478`], reach)))
    return each.flatMap(({ urls }) => urls)
  }
  const inside = ['turn:10.0.0.5:3478', 'turn:[fd00::1]:3478']
  assert.deepEqual(await allowed('private'), inside)
  assert.deepEqual(await allowed('this_host'), ['turn:127.0.0.1:3478', ...inside])
})

test('at most three servers of each kind are looked at, also when they are URLs of one entry', async () => {
  const urls = ['stun', 'turn'].flatMap((kind) =>
    Array.from({ length: 8 }, (_, n) => `${kind}:203.0.113.${n}`),
  )
  const { servers } = await screenEdgeServers([{ urls, ...login }], 'public')
  assert.equal(servers.length, 6)
})

test('an edge is where its connections go, and on the internet while none has been seen or behind a proxy', async (t) => {
  const origin = await serve(t, (_request, response) => response.end())
  // Whoever owns a name may answer each look-up differently.
  t.mock.method(dns, 'lookup', (...args: unknown[]) => {
    const answer = args.at(-1) as (error: null, addresses: { address: string; family: 4 }[]) => void
    answer(null, [{ address: '127.0.0.1', family: 4 }])
  })
  const edge = new URL(`http://edge.test:${origin.port}/`)
  const [watch, proxied] = [watchEdge(edge, {}), watchEdge(edge, { http_proxy: 'http://10.0.0.1:3128' })]
  assert.deepEqual([watch.reach(), watch.hosts()], ['public', ['edge.test']])
  await fetch(edge)
  assert.deepEqual([watch.reach(), watch.hosts()], ['this_host', ['127.0.0.1']])
  assert.equal(proxied.reach(), 'public')
  watch.stop()
  proxied.stop()
})

test('an address that the user gave says where the edge is', () => {
  const reaches = {
    'http://127.0.0.1:8787': 'this_host',
    'http://localhost:8787': 'this_host',
    'http://[::1]:8787': 'this_host',
    'http://0.0.0.0:8787': 'this_host',
    'http://192.168.1.5': 'private',
    'http://169.254.3.4': 'private',
    'https://203.0.113.5': 'public',
    'https://edge.test': 'public',
  }
  for (const [url, reach] of Object.entries(reaches)) {
    const watch = watchEdge(new URL(url), {})
    assert.equal(watch.reach(), reach, url)
    watch.stop()
  }
})
