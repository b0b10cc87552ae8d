/** The door of the embedded edge, in front of a server that shows what reaches the Worker. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import type { Door } from '../../../../agent/edge/door/door.ts'
import { doorProblems } from '../../../../agent/edge/door/door-problems.ts'
import { problemTitles } from '../../../../workers/http/problem.ts'
import { serve } from '../../../support/edge/fake-edge.ts'
import { ask, doorOf, echoDoor } from './open-door.ts'

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
