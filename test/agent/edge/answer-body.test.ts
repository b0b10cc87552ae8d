/** Bodies and headers that come too slowly, or in place of an edge's. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { bodyOf, type BodyLimits } from '../../../agent/edge/answer-body.ts'
import { ask, openRoom } from '../../../agent/edge/edge-client.ts'
import { takeSeat } from '../../../agent/meeting/room-client.ts'
import { VoltdropError } from '../../../protocol/errors.ts'
import { failsAs, serve } from '../../support/edge/fake-edge.ts'

const never = new AbortController().signal

/** Writes `text` forever, a byte every few milliseconds, to whoever connects. */
async function drip(t: TestContext, head: string, text: string): Promise<URL> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).write(head)
    const timer = setInterval(() => socket.write(text), 5)
    socket.on('close', () => clearInterval(timer))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
}

async function read(url: URL, limits: Partial<BodyLimits>, signal = never): Promise<number> {
  const response = await ask(url, { signal })
  const body = bodyOf(
    response,
    { url, signal },
    {
      maxBytes: 1_000_000,
      windowMs: 100,
      bytesInWindow: 1000,
      tooLong: () => new VoltdropError('corrupt'),
      ...limits,
    },
  )
  let bytes = 0
  for await (const part of body) bytes += part.length
  return bytes
}

test('a body that drips for ever is given up, and so are headers', async (t) => {
  const body = await drip(t, 'HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n', 'x')
  await assert.rejects(read(body, {}), failsAs('edge_unreachable', /stops in the middle/))
  const headers = await drip(t, 'HTTP/1.1 200 OK\r\nx-long: ', 'x')
  await assert.rejects(ask(headers, { signal: never, answerMs: 100 }), failsAs('edge_unreachable'))
})

test('a body that keeps the pace is read to its end, and one that is interrupted ends as cancelled', async (t) => {
  const steady = await serve(t, (_, response) => {
    let parts = 20
    const timer = setInterval(() => {
      response.write('x'.repeat(1000))
      if (--parts === 0) {
        clearInterval(timer)
        response.end()
      }
    }, 10)
  })
  assert.equal(await read(steady, { windowMs: 5000 }), 20_000)
  const endless = await drip(t, 'HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n', 'x')
  await assert.rejects(read(endless, { windowMs: 30_000 }, AbortSignal.timeout(50)), failsAs('cancelled'))
})

test('what is no edge is told apart from an edge that refuses', async (t) => {
  for (const [status, type, body, code, detail] of [
    [200, 'text/html', '<html>Welcome</html>', 'not_an_edge', /answers 200 with text\/html/],
    [404, 'text/html', '<html>', 'not_an_edge', /answers 404 with text\/html/],
    [404, '', '', 'not_an_edge', /without a type/],
    [502, 'text/html', '<html>', 'edge_unreachable', /answers 502/],
    [511, 'text/html', '<html>', 'not_an_edge', /answers 511/],
    [403, 'application/problem+json', '{"title":"No."}', 'edge_refused', /^No$/],
    [404, 'application/json', '{"message":"no route"}', 'not_an_edge', /answers 404/],
    [200, 'text/\u00a0\u0085html', '', 'not_an_edge', /text\/\\u\{a0\}\\u\{85\}html/],
  ] as const) {
    // oxlint-disable no-await-in-loop -- one server after the other
    const edge = await serve(t, (_, response) =>
      response.writeHead(status, { 'content-type': type }).end(body),
    )
    await assert.rejects(openRoom(edge, never), failsAs(code, detail), type)
    // A WebSocket that does not open is explained by a plain request.
    await assert.rejects(takeSeat({ edge, room: 7, signal: never }), failsAs(code, detail), type)
  }
})

test('an address that speaks something else than HTTP is no edge, and none at all is named with its reason', async (t) => {
  const other = await drip(t, '220 mail.example ESMTP\r\n', '')
  await assert.rejects(openRoom(other, never), failsAs('not_an_edge', /not HTTP/))
  for (const [address, reason] of [
    ['http://127.0.0.1:2/', /127\.0\.0\.1:2: nothing listens/],
    ['http://no-such-host.invalid/', /no-such-host\.invalid: the name/],
    ['http://127.0.0.1:6000/', /6000: no HTTP client uses that port/],
    [other.href.replace('http', 'https'), /does not speak TLS/],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop -- one address after the other
    await assert.rejects(openRoom(new URL(address), never), failsAs('edge_unreachable', reason), address)
  }
})
