/** The ICE servers that each setting gives: none, STUN, coturn, Cloudflare, and STUN alone when the TURN service fails. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { grantIceServers } from '../../../durable/ice/grant-ice-servers.ts'

const NOW_MS = 1_800_000_000_500
const cloudflare = { TURN_KEY_ID: 'key/1', TURN_KEY_API_TOKEN: 'api token', STUN_URLS: 'stun:own.example' }

/** A TURN service that gives this answer, and the requests that it got. */
function service(answer: () => Response | Promise<Response>) {
  const asked: { url: string; init: RequestInit | undefined }[] = []
  async function send(url: unknown, init?: RequestInit) {
    asked.push({ url: String(url), init })
    return await answer()
  }
  return { asked, send: send as typeof fetch }
}

const refuseToAsk = service(() => assert.fail('no service may be asked')).send

test('without settings no server is granted and no service is asked', async () => {
  assert.deepEqual((await grantIceServers({}, NOW_MS, refuseToAsk)).servers, [])
  assert.deepEqual((await grantIceServers({ STUN_URLS: ' , ' }, NOW_MS, refuseToAsk)).servers, [])
})

test('a STUN list is granted in its order, without entries that are not STUN URLs', async () => {
  const settings = { STUN_URLS: 'stun:a.example:3478, http://b.example, stuns:c.example' }
  const grant = await grantIceServers(settings, NOW_MS, refuseToAsk)
  assert.deepEqual(grant.servers, [{ urls: ['stun:a.example:3478'] }, { urls: ['stuns:c.example'] }])
  assert.equal(grant.relay, false)
})

test('a URL in the settings that agents would refuse is not granted', async () => {
  const urls = 'stun:a.example, stun:user@b.example, turn:c d, stun:e.example/path'
  const settings = { STUN_URLS: urls, TURN_URLS: `${urls}, turn:f.example`, TURN_SECRET: 'north' }
  const { servers } = await grantIceServers(settings, NOW_MS, refuseToAsk)
  assert.deepEqual(
    servers.map(({ urls: [url] }) => url),
    ['stun:a.example', 'turn:f.example'],
  )
})

test('coturn credentials are the HMAC-SHA1 of an expiry within the hour and differ each time', async () => {
  const settings = { TURN_URLS: 'turn:a.example', TURN_SECRET: 'north' }
  const { servers, relay, refreshAtMs } = await grantIceServers(settings, NOW_MS, refuseToAsk)
  assert.equal(relay, true)
  const { username = '', credential } = servers.at(-1) ?? assert.fail('one server')
  assert.match(username, /^1800003600:[0-9a-f-]{36}$/)
  assert.equal(credential, createHmac('sha1', 'north').update(username).digest('base64'))
  assert.ok(refreshAtMs > NOW_MS && refreshAtMs < NOW_MS + 3_600_000)
  const other = await grantIceServers(settings, NOW_MS, refuseToAsk)
  assert.notEqual(other.servers.at(-1)?.username, username)
})

test('where no STUN server is named, a coturn over UDP is one, without credentials', async () => {
  const TURN_URLS =
    'turn:a.example:3478?transport=udp, turn:b.example?transport=tcp, turns:c.example, turn:d.example'
  const coturn = { TURN_URLS, TURN_SECRET: 'north' }
  async function stunOf(settings: typeof coturn & { STUN_URLS?: string }) {
    const { servers } = await grantIceServers(settings, NOW_MS, refuseToAsk)
    return servers.filter(({ urls: [url = ''] }) => url.startsWith('stun'))
  }
  assert.deepEqual(await stunOf(coturn), [{ urls: ['stun:a.example:3478'] }, { urls: ['stun:d.example'] }])
  const named = { ...coturn, STUN_URLS: 'stun:s.example' }
  assert.deepEqual(await stunOf(named), [{ urls: ['stun:s.example'] }])
})

test('a TURN URL without its secret is not granted', async () => {
  const grant = await grantIceServers({ TURN_URLS: 'turn:a.example' }, NOW_MS, refuseToAsk)
  assert.deepEqual([grant.servers, grant.relay], [[], false])
})

test('Cloudflare is asked once, for one hour, and each of its URLs is an entry, the cheapest path first', async () => {
  const login = { username: 'u', credential: 'c' }
  const urls = [
    'turns:t.example:5349?transport=tcp',
    'turn:t.example:53?transport=udp',
    'turn:t.example:80?transport=tcp',
    'turn:t.example:3478?transport=udp',
  ]
  const iceServers = [{ urls, ...login }, { urls: ['stun:s.example:3478', 'stun:s.example:53'] }]
  const { asked, send } = service(() => Response.json({ iceServers }, { status: 201 }))
  const grant = await grantIceServers(cloudflare, NOW_MS, send)
  assert.deepEqual(grant.servers, [
    { urls: ['stun:s.example:3478'] },
    { urls: ['turn:t.example:3478?transport=udp'], ...login },
    { urls: ['turn:t.example:80?transport=tcp'], ...login },
    { urls: ['turns:t.example:5349?transport=tcp'], ...login },
  ])
  assert.equal(grant.relay, true)
  assert.equal(asked.length, 1)
  const base = 'https://rtc.live.cloudflare.com/v1/turn/keys'
  assert.equal(asked[0]?.url, `${base}/key%2F1/credentials/generate-ice-servers`)
  assert.equal(asked[0]?.init?.body, '{"ttl":3600}')
  assert.equal(new Headers(asked[0]?.init?.headers).get('authorization'), 'Bearer api token')
})

const failures: Record<string, () => Response | Promise<Response>> = {
  'an error': () => new Response('no', { status: 403 }),
  'a 200 instead of a 201': () => Response.json({ iceServers: [] }),
  'no JSON': () => new Response('<html>', { status: 201 }),
  'another shape': () => Response.json({ iceServers: 'turn:x' }, { status: 201 }),
  'no connection': () => Promise.reject(new TypeError('fetch failed')),
}

for (const [what, answer] of Object.entries(failures)) {
  test(`when the TURN service answers with ${what}, STUN alone is granted with relay: false`, async () => {
    const grant = await grantIceServers(cloudflare, NOW_MS, service(answer).send)
    assert.deepEqual([grant.servers, grant.relay], [[{ urls: ['stun:own.example'] }], false])
  })
}

test('the request to the TURN service has a time limit', async () => {
  const { asked, send } = service(() => new Response(null, { status: 500 }))
  await grantIceServers(cloudflare, NOW_MS, send)
  assert.ok(asked[0]?.init?.signal instanceof AbortSignal)
})
