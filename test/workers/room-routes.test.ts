/** The routes under `/rooms`: what is refused before a room wakes, rate limits, and who gets ICE servers. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, test } from 'node:test'
import { parseOpenedRoom } from '../../protocol/meeting/room.ts'
import { ROOM_NUMBER } from '../../protocol/meeting/room-number.ts'
import { startEdge } from '../support/edge/edge.ts'
import { openRoom, pairUp, RoomClient } from '../support/edge/room-client.ts'

const TURN_SECRET = 'a secret of this test'
const edge = await startEdge({
  seed: false,
  vars: {
    ALLOWED_ORIGINS: 'https://page.example, https://other.example',
    ROOMS_PER_ADDRESS: '3',
    STUN_URLS: 'stun:stun.example:3478',
    TURN_URLS: 'turn:turn.example:3478?transport=udp,turns:turn.example:5349',
  },
  secrets: { TURN_SECRET },
})
after(() => edge.close())

function post(headers: Record<string, string> = {}) {
  return fetch(`${edge.url}/rooms`, { method: 'POST', headers })
}

const upgrade = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' }

async function codeOf(response: Response): Promise<unknown> {
  assert.equal(response.headers.get('content-type'), 'application/problem+json')
  return ((await response.json()) as { code: unknown }).code
}

test('POST /rooms answers 201 with number, token and expiry, and may not be cached', async () => {
  const response = await post()
  assert.equal(response.status, 201)
  assert.equal(response.headers.get('cache-control'), 'no-store')
  assert.equal(response.headers.get('access-control-allow-origin'), null)
  const room = parseOpenedRoom(await response.text())
  assert.match(String(room.number), ROOM_NUMBER)
  const waitMs = Date.parse(room.expires_at) - Date.now()
  assert.ok(waitMs > 590_000 && waitMs <= 600_000, `waits ${waitMs} ms`)
})

test('a request for a room without a WebSocket upgrade answers 426', async () => {
  const response = await fetch(`${edge.url}/rooms/7`)
  assert.equal(response.status, 426)
  assert.equal(await codeOf(response), 'upgrade_required')
})

test('an invalid room number answers 422 and names the parameter', async () => {
  for (const number of ['0', '07', '-1', '1e3', '1000000', 'seven', '%00', '7%20', '٧']) {
    const response = await fetch(`${edge.url}/rooms/${number}`)
    assert.equal(response.status, 422, number)
    const body = (await response.json()) as { errors: { parameter: string }[] }
    assert.equal(body.errors[0]?.parameter, 'number')
  }
})

test('a time to wait that no room can wait answers 422 and names the parameter', async () => {
  for (const query of [
    'wait_seconds=0',
    'wait_seconds=86401',
    'wait_seconds=1.5',
    'wait_seconds=',
    'wait=9',
  ]) {
    const response = await fetch(`${edge.url}/rooms?${query}`, { method: 'POST' })
    assert.equal(response.status, 422, query)
    const body = (await response.json()) as { errors: { parameter: string }[] }
    assert.equal(body.errors[0]?.parameter, query.split('=')[0])
  }
})

test('an upgrade that does not offer the subprotocol fails', async () => {
  const { number, token } = await openRoom(edge.url)
  const response = await edge.fetch(`/rooms/${number}`, upgrade)
  assert.equal(response.status, 422)
  const host = new RoomClient(edge.url, number, { token, protocols: ['voltdrop.v2'] })
  assert.deepEqual(await host.next(), { closed: 1006 })
})

test('pages of other origins can neither open nor enter rooms; listed origins and programs can', async () => {
  for (const origin of ['https://evil.example', 'https://page.example.evil.example', 'null', edge.url]) {
    const refused = await post({ origin })
    assert.equal(refused.status, 403, origin)
    assert.equal(await codeOf(refused), 'origin_refused')
  }
  const opened = await post({ origin: 'https://page.example' })
  assert.equal(opened.status, 201)
  assert.equal(opened.headers.get('access-control-allow-origin'), 'https://page.example')
  const { number, token } = parseOpenedRoom(await opened.text())
  const evil = new RoomClient(edge.url, number, { token, headers: { origin: 'https://evil.example' } })
  assert.deepEqual(await evil.next(), { closed: 1006 })
  const page = new RoomClient(edge.url, number, { token, headers: { origin: 'https://other.example' } })
  assert.equal(await page.seated(), undefined)
})

test('an address that opens too many rooms a minute is refused, and its neighbour is not', async () => {
  const address = { 'cf-connecting-ip': '198.51.100.7' }
  // Twice the limit and one: even if the limiter's minute ends among them, one half is over the limit.
  const answers = await Promise.all(Array.from({ length: 21 }, () => post(address)))
  const refused = answers.filter(({ status }) => status === 429)
  assert.equal(refused[0]?.headers.get('retry-after'), '60')
  const documents = (await Promise.all(refused.map((answer) => answer.json()))) as { detail: string }[]
  // The lobby refuses the fourth room; this detail shows that the rate limit refused others before the lobby.
  assert.ok(documents.some(({ detail }) => detail === 'too many requests from this address'))
  assert.equal((await post({ 'cf-connecting-ip': '198.51.100.8' })).status, 201)
})

test('an address that enters too many rooms a minute is refused', async () => {
  function enter() {
    return edge.fetch('/rooms/77', {
      ...upgrade,
      'sec-websocket-protocol': 'voltdrop.v1',
      'cf-connecting-ip': '2001:db8:0:1::7',
    })
  }
  const statuses = new Set((await Promise.all(Array.from({ length: 41 }, enter))).map(({ status }) => status))
  assert.ok(statuses.has(429))
})

test('an address at its limit of open rooms may open another when one is over', async () => {
  const headers = { 'cf-connecting-ip': '2001:db8:1:2:3::1' }
  const first = await openRoom(edge.url, headers)
  await openRoom(edge.url, headers)
  await openRoom(edge.url, { 'cf-connecting-ip': '2001:db8:1:2:ffff::2' })
  assert.equal((await post(headers)).status, 429)
  const host = new RoomClient(edge.url, first.number, { token: first.token })
  await host.seated()
  await host.leave()
  assert.equal((await post(headers)).status, 201)
})

test('ICE servers are given to a pair only, each side its own credentials, for at most an hour', async () => {
  const { number, token } = await openRoom(edge.url)
  const host = new RoomClient(edge.url, number, { token })
  assert.deepEqual(await host.next(), { room: { type: 'seated', seat: 'host' } })
  const guest = new RoomClient(edge.url, number)
  await guest.seated()
  const [toHost, toGuest] = await Promise.all([host.paired(), guest.paired()])
  assert.equal(toHost.relay, true)
  const [stun, udp, tls] = toHost.ice_servers
  assert.deepEqual(stun, { urls: ['stun:stun.example:3478'] })
  assert.deepEqual(tls, { ...udp, urls: ['turns:turn.example:5349'] })
  const username = udp?.username ?? ''
  const lifeSeconds = Number(username.split(':')[0]) - Date.now() / 1_000
  assert.ok(lifeSeconds > 3_500 && lifeSeconds <= 3_600, `lives ${lifeSeconds} s`)
  assert.equal(udp?.credential, createHmac('sha1', TURN_SECRET).update(username).digest('base64'))
  assert.notEqual(toGuest.ice_servers[1]?.username, username)
})

test('a side that comes back gets the same credentials', async () => {
  const { number, token, host } = await pairUp(edge.url)
  const again = new RoomClient(edge.url, number, { token })
  await again.seated()
  const first = await again.paired()
  const third = new RoomClient(edge.url, number, { token })
  await third.seated()
  assert.deepEqual(await third.paired(), first)
  assert.deepEqual(await host.next(), { closed: 4004 })
})
