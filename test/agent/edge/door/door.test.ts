/** The door of the embedded edge, in front of a server that shows what reaches the Worker. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type RequestListener } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { type Door, type DoorOptions, openDoor } from '../../../../agent/edge/door/door.ts'
import { doorProblems } from '../../../../agent/edge/door/door-problems.ts'
import { problemTitles } from '../../../../workers/http/problem.ts'
import { serve } from '../../../support/edge/fake-edge.ts'

async function doorOf(t: TestContext, options: Partial<DoorOptions> = {}): Promise<Door> {
  const usual = { host: '127.0.0.1', port: 0, proxies: [], allowedOrigins: [], tokenHashes: [] }
  const door = await openDoor({ ...usual, ...options })
  t.after(() => door.close())
  return door
}

const echo: RequestListener = (incoming, outgoing) => {
  const open = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' }
  outgoing.writeHead(200, open).end(JSON.stringify({ url: incoming.url, headers: incoming.headers }))
}

/** A door that leads to a server which answers with what it was asked. */
async function echoDoor(t: TestContext, options: Partial<DoorOptions> = {}): Promise<Door> {
  const door = await doorOf(t, options)
  door.leadTo(await serve(t, echo))
  return door
}

type Sent = { readonly path?: string; readonly method?: string; readonly host?: string }

/** A request with any headers; `fetch` would not send some of these. */
async function ask(
  { address: { port } }: Door,
  headers: Record<string, string | string[]> = {},
  { path = '/', method = 'GET', host = '127.0.0.1' }: Sent = {},
) {
  const sent = request({ host, port, path, method, headers, agent: false, setHost: !('host' in headers) })
  sent.end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const body: unknown = JSON.parse(await text(response))
  return { status: response.statusCode, headers: response.headers, body }
}

/** The headers of such a request as the Worker gets them. */
async function arrived(door: Door, headers: Record<string, string> = {}) {
  const { body } = await ask(door, headers)
  return (body as { headers: Record<string, string> }).headers
}

const forged = {
  'cf-connecting-ip': '198.51.100.7',
  'cf-ipcountry': 'XX',
  'mf-original-url': 'http://evil.example/rooms',
  'mf-cf-blob': '{"clientIp":"198.51.100.7:1"}',
  'mf-route-override': 'x',
  'x-forwarded-for': '198.51.100.7',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'evil.example',
  forwarded: 'for=198.51.100.7',
  'x-real-ip': '198.51.100.7',
  'true-client-ip': '198.51.100.7',
  'voltdrop-door': 'guessed',
}

test('what platform and proxies say of a client is dropped, and the address of the socket counts', async (t) => {
  const door = await echoDoor(t)
  const headers = await arrived(door, { ...forged, accept: 'text/html', authorization: 'Bearer x' })
  const { 'voltdrop-door': secret, connection: _, ...others } = headers
  assert.equal(secret, door.secret)
  assert.deepEqual(others, {
    host: `127.0.0.1:${door.address.port}`,
    'cf-connecting-ip': '127.0.0.1',
    accept: 'text/html',
    authorization: 'Bearer x',
  })
})

test('a named proxy is believed for whom it asks and how, and no other header', async (t) => {
  const door = await echoDoor(t, { proxies: [{ address: '127.0.0.1', prefix: 32 }] })
  const headers = await arrived(door, {
    ...forged,
    host: 'edge.example',
    'x-forwarded-for': '203.0.113.1, 198.51.100.7',
  })
  const { 'voltdrop-door': _, connection: __, ...others } = headers
  assert.deepEqual(others, {
    host: 'edge.example',
    'cf-connecting-ip': '198.51.100.7',
    'x-forwarded-proto': 'https',
  })
})

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

test('until the Worker is there, and when it is gone, requests get 503 with Retry-After', async (t) => {
  const door = await doorOf(t)
  const before = await ask(door)
  assert.equal(before.status, 503)
  assert.equal(before.headers['retry-after'], '1')
  const gone = createServer().listen(0, '127.0.0.1')
  await once(gone, 'listening')
  const { port } = gone.address() as AddressInfo
  gone.close()
  door.leadTo(new URL(`http://127.0.0.1:${port}/`))
  const after = await ask(door)
  assert.deepEqual(after.body, before.body)
  assert.equal(after.headers['retry-after'], '1')
})

test('a request with two hosts, without one, or with a whole URL is refused', async (t) => {
  const door = await echoDoor(t)
  for (const lines of [
    ['GET / HTTP/1.1', 'Host: localhost', 'Host: edge.example'],
    ['GET / HTTP/1.1'],
    ['GET http://localhost/health HTTP/1.1', 'Host: localhost'],
  ]) {
    const socket = connect(door.address.port, '127.0.0.1')
    socket.end(`${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`)
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    assert.match(await text(socket), /^HTTP\/1\.1 400 /, lines.join())
  }
})

test('a body passes in pieces with its length or without, and one that no route takes is refused', async (t) => {
  const door = await doorOf(t)
  const worker = await serve(t, (incoming, outgoing) => {
    let bytes = 0
    incoming.on('data', (piece: Buffer) => (bytes += piece.length))
    incoming.on('end', () => outgoing.end(`${bytes} ${incoming.headers['content-length'] ?? 'chunked'}`))
  })
  door.leadTo(worker)
  const url = `http://127.0.0.1:${door.address.port}/batteries/import`
  const body = Buffer.alloc(1_000_000)
  assert.equal(await (await fetch(url, { method: 'POST', body })).text(), '1000000 1000000')
  const stream = new Blob([body]).stream()
  const streamed = await fetch(url, { method: 'POST', body: stream, duplex: 'half' })
  assert.equal(await streamed.text(), '1000000 chunked')
  const offering = ['Upgrade: h2c', 'Connection: Upgrade, close', 'Content-Length: 2', '', 'hi']
  const socket = connect(door.address.port, '127.0.0.1')
  socket.write(['POST / HTTP/1.1', 'Host: localhost', ...offering].join('\r\n'))
  assert.match(await text(socket), /^HTTP\/1\.1 200 [^]*2 2/, 'an offer of HTTP/2 is ignored')
  const large = await fetch(url, { method: 'POST', body: Buffer.alloc(3_000_000) })
  assert.equal(large.status, 413)
})

test('an answer that the client does not read is not read from the Worker either', async (t) => {
  const door = await doorOf(t)
  let written = 0
  const worker = await serve(t, (_, outgoing) => {
    const piece = Buffer.alloc(65_536)
    function pour(): void {
      while (outgoing.write(piece)) written += piece.length
    }
    outgoing.on('drain', pour).on('error', () => {})
    pour()
  })
  door.leadTo(worker)
  const sent = request({ port: door.address.port, host: '127.0.0.1', agent: false }).end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  response.pause()
  let before = -1
  // Kernel buffers fill up first; then nothing moves any more.
  while (written !== before) {
    before = written
    // oxlint-disable-next-line no-await-in-loop -- until it is still
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  assert.ok(written < 64 * 2 ** 20, String(written))
  sent.destroy()
})

test('a WebSocket passes in both directions, and a refused upgrade is answered as HTTP', async (t) => {
  const door = await doorOf(t)
  const worker = await serve(
    t,
    (_, outgoing) => outgoing.writeHead(426).end('{"code":"upgrade_required"}'),
    (socket: Socket, key: string) => {
      if (key === 'no') return socket.end('HTTP/1.1 429 Too Many\r\ncontent-length: 2\r\n\r\n{}')
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nx-y: z\r\n\r\nhello',
      )
      return socket.pipe(socket)
    },
  )
  door.leadTo(worker)
  const { port } = door.address
  function upgrade(key: string, ...more: string[]): Socket {
    const lines = [
      'GET /rooms/1 HTTP/1.1',
      'Host: localhost',
      'Connection: Upgrade',
      'Upgrade: websocket',
      ...more,
    ]
    return connect(port, '127.0.0.1')
      .setEncoding('utf8')
      .on('connect', function opened(this: Socket) {
        this.write(`${[...lines, `Sec-WebSocket-Key: ${key}`].join('\r\n')}\r\n\r\nearly `)
      }) as Socket
  }
  const socket = upgrade('yes')
  let got = ''
  socket.on('data', (piece: string) => {
    got += piece
    if (got.endsWith('early ')) socket.write('late')
    if (got.endsWith('late')) socket.end()
  })
  await once(socket, 'close')
  assert.match(got, /^HTTP\/1\.1 101 [^]*x-y: z\r\n[^]*\r\n\r\nhelloearly late$/)
  assert.match(await text(upgrade('no')), /^HTTP\/1\.1 429 /)
  assert.match(
    await text(upgrade('yes', 'Origin: https://other.example')),
    /^HTTP\/1\.1 403 [^]*origin_refused/,
  )
})

test('its problem documents are those of the Worker', () => {
  for (const [code, { status, title }] of Object.entries(doorProblems))
    assert.deepEqual(
      problemTitles.find((one) => one.code === code),
      { code, status, title },
    )
})
