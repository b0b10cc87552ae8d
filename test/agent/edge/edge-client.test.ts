/** Edges that answer badly: the agent reports what happened, checks every answer, and follows no redirect. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { openRoom } from '../../../agent/edge/edge-client.ts'
import { fetchExport } from '../../../agent/catalogue/export/export-file.ts'
import { takeSeat } from '../../../agent/meeting/room-client.ts'
import { ABNORMAL_CLOSE_CODE } from '../../../protocol/meeting/room.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { failsAs, serve } from '../../support/edge/fake-edge.ts'
import { startForwardProxy } from '../../support/edge/forward-proxy.ts'
import { readdir } from 'node:fs/promises'

const never = new AbortController().signal

test('a redirect is not followed, and its target is named', async (t) => {
  let visits = 0
  const elsewhere = await serve(t, (_, response) => {
    visits++
    response.end('{}')
  })
  const edge = await serve(t, (_, response) => response.writeHead(302, { location: elsewhere.href }).end())
  const named = new RegExp(`redirects to ${elsewhere.origin}/: if that is the edge, name it with --edge`)
  await assert.rejects(openRoom(edge, never), failsAs('not_an_edge', named))
  await assert.rejects(takeSeat({ edge, room: 7, signal: never }), failsAs('not_an_edge', named))
  assert.equal(visits, 0)
  const moved = await serve(t, (_, response) =>
    response.writeHead(308, { location: 'https://a.example/drop/rooms/7?key=s' }).end(),
  )
  await assert.rejects(
    openRoom(new URL('drop/', moved), never),
    failsAs('not_an_edge', /to https:\/\/a\.example\/drop\/: if/),
  )
})

test('status 429 is reported as rate_limited, for a room and for its WebSocket', async (t) => {
  const edge = await serve(t, (_, response) => response.writeHead(429).end())
  await assert.rejects(openRoom(edge, never), failsAs('rate_limited'))
  await assert.rejects(takeSeat({ edge, room: 7, signal: never }), failsAs('rate_limited'))
})

test('an edge that is still starting does not answer yet, which is no refusal', async (t) => {
  const edge = await serve(t, (_, response) =>
    response.writeHead(503, { 'retry-after': '1' }).end('{"title":"It cannot answer at the moment."}'),
  )
  const said = failsAs('edge_unreachable', /^http:\S+: It cannot answer at the moment$/)
  await assert.rejects(openRoom(edge, never), said)
  await assert.rejects(takeSeat({ edge, room: 7, signal: never }), said)
})

test('the error contains the text of a problem document, escaped', async (t) => {
  const problem = {
    title: 'No\u001b[2J',
    detail: 'because',
    errors: [{ parameter: 'colour', detail: 'not known here' }, 7, null],
  }
  const edge = await serve(t, (_, response) => response.writeHead(422).end(JSON.stringify(problem)))
  await assert.rejects(
    openRoom(edge, never),
    failsAs('edge_refused', /^No\\u\{1b\}\[2J; because; colour: not known here/),
  )
})

test('an answer that is not a room, or is endless, is refused', async (t) => {
  for (const body of ['', '{}', 'null', '{"number":-1}', '<html>']) {
    // oxlint-disable-next-line no-await-in-loop -- one server after the other
    const edge = await serve(t, (_, response) => response.writeHead(201).end(body))
    // oxlint-disable-next-line no-await-in-loop -- as above
    await assert.rejects(openRoom(edge, never), failsAs('not_an_edge', /with a room/), body)
  }
  const endless = await serve(t, (_, response) => {
    response.writeHead(201, { 'content-type': 'application/json' })
    function pour(): void {
      while (response.write(' '.repeat(10_000)));
    }
    response.on('drain', pour).on('error', () => {})
    pour()
  })
  await assert.rejects(openRoom(endless, never), failsAs('edge_refused', /too long/))
})

test('an interruption ends a hanging request', async (t) => {
  const edge = await serve(t, () => {})
  const interruption = new AbortController()
  const opening = assert.rejects(openRoom(edge, interruption.signal), failsAs('cancelled'))
  const seating = assert.rejects(
    takeSeat({ edge, room: 7, signal: interruption.signal }),
    failsAs('cancelled'),
  )
  interruption.abort()
  await Promise.all([opening, seating])
})

/** Accepts the WebSocket (RFC 6455 section 4.2.2) and then sends `frames` unchanged. */
function upgradeWith(protocol: string, ...frames: Uint8Array[]) {
  return (socket: Socket, key: string): void => {
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    socket.on('error', () => {})
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
    )
    for (const frame of frames) socket.write(frame)
    socket.end()
  }
}

/** An unmasked frame of up to 65,535 bytes (RFC 6455 section 5.2). */
function frame(opcode: 1 | 2, payload: Uint8Array): Uint8Array {
  const header =
    payload.length < 126
      ? [0x80 | opcode, payload.length]
      : [0x80 | opcode, 126, payload.length >> 8, payload.length & 255]
  return Uint8Array.from([...header, ...payload])
}

/** Reads nothing before the client has sent its Close frame, so that it finds what a reader who is behind would find. */
async function eventsOf(t: TestContext, ...frames: Uint8Array[]): Promise<unknown[]> {
  const closed = Promise.withResolvers<void>()
  const upgrade = upgradeWith('voltdrop.v1', ...frames)
  const edge = await serve(
    t,
    (_, response) => response.writeHead(426).end(),
    (server, key) => {
      server.once('data', () => closed.resolve())
      upgrade(server, key)
    },
  )
  const socket = await takeSeat({ edge, room: 7, signal: never })
  await closed.promise
  const events = []
  for await (const event of socket.events) events.push(event)
  return events
}

test('text and binary frames become events, pongs do not, and a close is the last event', async (t) => {
  function text(words: string): Uint8Array {
    return frame(1, new TextEncoder().encode(words))
  }
  const close = Uint8Array.from([0x88, 2, 4000 >> 8, 4000 & 255])
  assert.deepEqual(
    await eventsOf(t, text('pong'), text('{"type":"seated"}'), frame(2, Uint8Array.of(1, 2)), close),
    [
      { type: 'control', text: '{"type":"seated"}' },
      { type: 'peer', message: Uint8Array.of(1, 2) },
      { type: 'closed', closeCode: 4000 },
    ],
  )
})

test('a frame over 16 KiB, or more frames than a room relays, closes the socket', async (t) => {
  assert.deepEqual(await eventsOf(t, frame(2, new Uint8Array(16_385))), [{ type: 'closed', closeCode: 1009 }])
  const flood = await eventsOf(t, ...Array.from({ length: 5000 }, () => frame(2, Uint8Array.of(1))))
  assert.ok(flood.length < 200)
  assert.deepEqual(flood.at(-1), { type: 'closed', closeCode: 1009 })
})

test('a frame that announces a gigabyte closes the socket before it has come', async (t) => {
  const announced = Uint8Array.from([0x82, 127, 0, 0, 0, 0, 0x40, 0, 0, 0])
  assert.deepEqual(await eventsOf(t, announced), [{ type: 'closed', closeCode: ABNORMAL_CLOSE_CODE }])
})

test('a message in more pieces than any has closes the socket, through a proxy as well', async (t) => {
  const pieces = [Uint8Array.of(0x02, 0), new Uint8Array(2 * 998), Uint8Array.of(0x80, 0)]
  const edge = await serve(t, () => {}, upgradeWith('voltdrop.v1', ...pieces))
  const proxy = await startForwardProxy(t, { hosts: { 'edge.test': Number(edge.port) } })
  process.env['HTTP_PROXY'] = proxy.url.href
  t.after(() => delete process.env['HTTP_PROXY'])
  const seats = [edge, new URL('http://edge.test/')].map(async (named) => {
    const { events } = await takeSeat({ edge: named, room: 7, signal: never })
    return (await events[Symbol.asyncIterator]().next()).value as unknown
  })
  const closed = { type: 'closed', closeCode: ABNORMAL_CLOSE_CODE }
  assert.deepEqual(await Promise.all(seats), [closed, closed])
  assert.equal(proxy.seen.length, 1)
})

test('an edge that takes nothing of what it is sent is left', async (t) => {
  const upgrade = upgradeWith('voltdrop.v1')
  const edge = await serve(
    t,
    () => {},
    (socket, key) => upgrade(socket.pause(), key),
  )
  const socket = await takeSeat({ edge, room: 7, signal: never })
  for (let sent = 0; sent < 128; sent++) socket.sendToPeer(new Uint8Array(16_384))
  socket.close()
  const { value } = await socket.events[Symbol.asyncIterator]().next()
  assert.deepEqual(value, { type: 'closed', closeCode: 1009 })
})

test('an edge that does not accept the subprotocol is refused', async (t) => {
  const edge = await serve(t, (_, response) => response.writeHead(426).end(), upgradeWith('other'))
  await assert.rejects(takeSeat({ edge, room: 7, signal: never }), failsAs('edge_refused', /no WebSocket/))
})

test('an export that is truncated, too long, or differs from its checksums leaves no file', async (t) => {
  const whole = 'id\n1\n2\n'
  const digest = {
    revision: 1,
    rows: 2,
    bytes: whole.length,
    crc32: '00000000',
    sha256: createHash('sha256').update(whole).digest('hex'),
  }
  const bodies = { [whole]: /not what/, 'id\n1\n': /not what/, [`${whole}3\n`]: /longer/ }
  const out = await temporaryFolder(t)
  for (const [body, reason] of Object.entries(bodies)) {
    // oxlint-disable no-await-in-loop -- one server after the other
    const edge = await serve(t, (incoming, response) => {
      const asked = incoming.url?.includes('/digest') === true ? JSON.stringify(digest) : body
      response.writeHead(200, { 'catalogue-revision': '1' }).end(asked)
    })
    const wanted = { catalogue: 'products', format: 'csv', filters: [] } as const
    await assert.rejects(fetchExport(edge, wanted, out, never), failsAs('corrupt', reason))
    assert.deepEqual(await readdir(out), [])
  }
})

test('a room is asked for the time it should wait, and how long that is counts by the clock of the edge', async (t) => {
  const asked: (string | undefined)[] = []
  const edge = await serve(t, ({ url }, response) => {
    asked.push(url)
    // A clock that is a year behind this machine's.
    response.setHeader('date', 'Wed, 01 Jan 2025 00:00:00 GMT')
    const room = { number: 7, token: 'A'.repeat(22), expires_at: '2025-01-01T00:10:00Z' }
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(room))
  })
  assert.equal((await openRoom(edge, never)).waitMs, 600_000)
  assert.equal((await openRoom(edge, never, 3_600)).waitMs, 600_000)
  assert.equal((await openRoom(edge, never, 5)).waitMs, 5_000, 'never longer than was asked for')
  assert.deepEqual(asked, ['/rooms', '/rooms?wait_seconds=3600', '/rooms?wait_seconds=5'])
})
