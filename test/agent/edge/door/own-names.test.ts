/** Whom an edge on the loopback answers. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, echoDoor, type Sent } from './open-door.ts'

test('an edge on the loopback answers local names and its own pages only', async (t) => {
  const door = await echoDoor(t, { allowedOrigins: ['https://allowed.example'] })
  const here = `127.0.0.1:${door.address.port}`
  const cases: [headers: Record<string, string>, status: number][] = [
    [{ host: here }, 200],
    [{ host: 'LOCALHOST:9000' }, 200],
    [{ host: '[::1]:8787' }, 200],
    [{ host: 'localhost' }, 200],
    [{ host: 'rebound.example' }, 421],
    [{ host: '127.0.0.1.example:80' }, 421],
    [{ host: 'localhost.example' }, 421],
    [{ host: '192.0.2.1' }, 421],
    [{ host: '' }, 400],
    [{ host: here, origin: `http://${here}` }, 200],
    [{ host: here, origin: 'https://allowed.example' }, 200],
    [{ host: here, origin: 'https://other.example' }, 403],
    [{ host: here, origin: 'http://localhost:3000' }, 403],
    [{ host: here, origin: 'null' }, 403],
    [{ host: here, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 403],
    [{ host: here, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }, 403],
    [{ host: here, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 200],
    [{ host: here, 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }, 200],
  ]
  for (const [headers, status] of cases) {
    // oxlint-disable-next-line no-await-in-loop -- small requests, one after the other
    assert.equal((await ask(door, headers)).status, status, JSON.stringify(headers))
  }
})

test('agents open and enter rooms under any name that leads to an edge on the loopback, pages do not', async (t) => {
  const door = await echoDoor(t)
  const upgrade = { connection: 'upgrade', upgrade: 'websocket' }
  const page = { origin: 'http://tunnel.example' }
  const cases: [sent: Sent, headers: Record<string, string>, status: number][] = [
    [{ path: '/rooms?wait_seconds=9', method: 'POST' }, {}, 200],
    [{ path: '/rooms', method: 'POST' }, page, 421],
    [{ path: '/rooms', method: 'GET' }, {}, 421],
    [{ path: '/rooms/7' }, { ...upgrade, ...page }, 421],
    [{ path: '/rooms/7' }, {}, 421],
    [{ path: '/products/import', method: 'POST' }, {}, 421],
  ]
  for (const [sent, headers, status] of cases) {
    // oxlint-disable-next-line no-await-in-loop -- small requests, one after the other
    const answer = await ask(door, { ...headers, host: 'tunnel.example' }, sent)
    assert.equal(answer.status, status, JSON.stringify([sent, headers]))
  }
})

test('no other site may read what an edge on the loopback answers', async (t) => {
  const door = await echoDoor(t, { allowedOrigins: ['https://allowed.example'] })
  const { headers } = await ask(door)
  assert.equal(headers['access-control-allow-origin'], undefined)
  assert.equal(headers['cross-origin-resource-policy'], 'same-origin')
  const allowed = await ask(door, { origin: 'https://allowed.example' })
  assert.equal(allowed.headers['access-control-allow-origin'], '*')
})

test('an edge for other machines answers every name and origin', async (t) => {
  const door = await echoDoor(t, { host: '0.0.0.0' })
  const { status, headers } = await ask(door, { host: 'edge.example', origin: 'https://other.example' })
  assert.equal(status, 200)
  assert.equal(headers['access-control-allow-origin'], '*')
})
