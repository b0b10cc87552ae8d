/** What nobody sends by mistake: requests that would end the edge, lead elsewhere, or hold what others need. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { RequestListener, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { type TestContext, test } from 'node:test'
import type { DoorOptions } from '../../../../agent/edge/door/door.ts'
import { serve } from '../../../support/edge/fake-edge.ts'
import { doorOf } from './open-door.ts'

const answerAll: RequestListener = (_, outgoing) => outgoing.end('from the Worker')

/** The port of a door before a Worker, by default one that answers everything. */
async function portOf(
  t: TestContext,
  { worker = answerAll, ...options }: Partial<DoorOptions> & { worker?: RequestListener } = {},
): Promise<number> {
  const door = await doorOf(t, options)
  door.leadTo(await serve(t, worker))
  return door.address.port
}

/** Sends lines and a body as they are. `answered`: all that comes back until the other end closes; this end stays open. */
function send(port: number, lines: readonly string[], body = '') {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.write(`${[...lines, '', ''].join('\r\n')}${body}`)
  let text = ''
  socket.setEncoding('utf8').on('data', (piece: string) => (text += piece))
  return { socket, answered: once(socket, 'end').then(() => text) }
}

async function answerTo(port: number, lines: readonly string[], body?: string): Promise<string> {
  const { socket, answered } = send(port, lines, body)
  try {
    return await answered
  } finally {
    socket.destroy()
  }
}

const GET = ['GET /health HTTP/1.1', 'Host: localhost', 'Connection: close'] as const
const UPGRADE = ['GET /rooms/7 HTTP/1.1', 'Host: localhost', 'Connection: upgrade'] as const

test('an upgrade with a body is refused, and the next request is answered', async (t) => {
  const port = await portOf(t)
  const bodies = [
    ['Content-Length: 5', '12345'],
    ['Content-Length: 0', ''],
    ['Transfer-Encoding: chunked', '0\r\n\r\n'],
  ] as const
  for (const [header, body] of bodies) {
    // oxlint-disable-next-line no-await-in-loop -- small requests, one after the other
    const answer = await answerTo(port, [...UPGRADE, 'Upgrade: websocket', header], body)
    assert.match(answer, /^HTTP\/1\.1 400/, header)
  }
  assert.match(await answerTo(port, GET), /^HTTP\/1\.1 200/)
})

test('headers named like what objects inherit are headers like others', async (t) => {
  const port = await portOf(t)
  const names = ['__proto__: a', 'constructor: b', 'toString: c', '__proto__: d']
  assert.match(await answerTo(port, [...GET, ...names]), /^HTTP\/1\.1 200/)
  assert.match(await answerTo(port, [...UPGRADE, 'Upgrade: websocket', ...names]), /^HTTP\/1\.1 200/)
})

test('what is no host is refused before the Worker makes a URL of it', async (t) => {
  const port = await portOf(t)
  const hosts = 'a b|[|%|a/batteries/import?|a#|a\\|u@a|a:|localhost:99999|127.999.1.1'.split('|')
  for (const host of hosts) {
    const lines = ['POST /rooms HTTP/1.1', `Host: ${host}`, 'Content-Length: 0', 'Connection: close']
    // oxlint-disable-next-line no-await-in-loop -- small requests, one after the other
    assert.match(await answerTo(port, lines), /^HTTP\/1\.1 400/, host)
  }
})

test('many headers do not hide what a proxy appended', async (t) => {
  const port = await portOf(t, {
    proxies: [{ address: '127.0.0.1', prefix: 32 }],
    worker: ({ headers }, outgoing) => outgoing.end(`for ${String(headers['cf-connecting-ip'])};`),
  })
  // Headers that the door drops: the server behind it has a limit of its own.
  const many = Array.from({ length: 2_100 }, () => 'te:b')
  const forwarded = ['X-Forwarded-For: 203.0.113.1', ...many, 'X-Forwarded-For: 192.0.2.7']
  assert.match(await answerTo(port, [...GET, ...forwarded]), /for 192\.0\.2\.7;/)
})

test('a client whose upgrade is refused holds no connection by not closing it', async (t) => {
  const port = await portOf(t)
  for (const first of [UPGRADE[0], 'POST /rooms/7 HTTP/1.1']) {
    const { socket, answered } = send(port, [first, ...UPGRADE.slice(1), 'Upgrade: websocket'])
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    assert.match(await answered, /^HTTP\/1\.1 (?:200|400)/)
    // What is sent to an end that is closed comes back as a reset, which the next write meets.
    const reset = once(socket, 'error')
    const writing = setInterval(() => socket.write('?'), 10)
    // oxlint-disable-next-line no-await-in-loop
    await reset
    clearInterval(writing)
  }
})

test('a connection that is reset while its upgrade waits for its turn ends nothing but itself', async (t) => {
  const left = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  const port = await portOf(t, {
    worker(incoming, outgoing) {
      if (incoming.url !== '/slow') return answerAll(incoming, outgoing)
      outgoing.on('close', left.resolve)
      return asked.resolve()
    },
  })
  const upgrade = [...UPGRADE, 'Upgrade: websocket', '', ''].join('\r\n')
  const { socket } = send(port, ['GET /slow HTTP/1.1', 'Host: localhost'], upgrade)
  await asked.promise
  socket.resetAndDestroy()
  await left.promise
  assert.match(await answerTo(port, GET), /^HTTP\/1\.1 200/)
})

test('requests that are sent without waiting for answers are passed on one after the other', async (t) => {
  const asked: ServerResponse[] = []
  let answered = 0
  const port = await portOf(t, {
    worker(_, outgoing) {
      asked.push(outgoing)
      assert.equal(asked.length - answered, 1, 'two at once')
      // Not at once, so that another one would be seen.
      setImmediate(() => outgoing.end(`answer ${++answered};`))
    },
  })
  const next = 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n'
  const text = await answerTo(
    port,
    ['GET /health HTTP/1.1', 'Host: localhost'],
    next.repeat(5) + GET.join('\r\n') + '\r\n\r\n',
  )
  assert.deepEqual(
    text.match(/answer \d/g),
    [1, 2, 3, 4, 5, 6, 7].map((count) => `answer ${count}`),
  )
})

test('a connection with more requests than anybody sends at once is closed', async (t) => {
  let passed = 0
  const port = await portOf(t, { worker: () => passed++ })
  const many = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(500)
  const { socket, answered } = send(port, ['GET / HTTP/1.1', 'Host: localhost'], many)
  t.after(() => socket.destroy())
  // Closed or reset, and nothing was answered.
  assert.equal(await answered.catch(() => ''), '')
  assert.ok(passed <= 1, `${passed} were passed on`)
})

test('one address may not hold all connections', async (t) => {
  const own = Object.values(networkInterfaces())
    .flatMap((infos) => infos ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')
  if (own === undefined) return t.skip('this machine has no address besides the loopback')
  const port = await portOf(t, { host: '0.0.0.0' })
  const sockets = Array.from({ length: 101 }, () => connect(port, own.address).on('error', () => {}))
  t.after(() => sockets.forEach((socket) => socket.destroy()))
  await Promise.race(sockets.map((socket) => once(socket, 'close')))
  assert.match(await answerTo(port, GET), /^HTTP\/1\.1 200/)
  const held = sockets.find((socket) => !socket.destroyed) ?? assert.fail('none is held')
  held.destroy()
  // Answered as soon as the edge has noticed that one has left.
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- until it is answered
    const answer = await fetch(`http://${own.address}:${port}/health`).catch(() => undefined)
    if (answer !== undefined) return assert.equal(answer.status, 200)
  }
})
