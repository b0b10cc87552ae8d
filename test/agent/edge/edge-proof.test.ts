/** The token goes to an edge on this machine only after it has shown that it knows the token's hash, for the very address that was dialled. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { get, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { connect, createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { needsProof, requireTokenProof } from '../../../agent/edge/edge-proof.ts'
import { tokenProof } from '../../../agent/edge/token-proof.ts'
import { Secret } from '../../../protocol/secret.ts'
import { failsAs, serve } from '../../support/edge/fake-edge.ts'
import { doorOf } from './door/open-door.ts'

const never = new AbortController().signal
const token = new Secret('a-token-for-tests-0123456789')

function hashOf(text: string): Uint8Array {
  return createHash('sha256').update(text).digest()
}

async function edgeWith(
  t: TestContext,
  tokenHashes: Uint8Array[],
  host = '127.0.0.1',
  port = 0,
): Promise<URL> {
  const door = await doorOf(t, { host, port, tokenHashes })
  return new URL(`http://127.0.0.1:${door.address.port}/`)
}

test('an edge that knows the hash proves it, also for the second of two tokens and under another name', async (t) => {
  const edge = await edgeWith(t, [hashOf('another token'), hashOf(token.reveal())])
  assert.equal((await requireTokenProof(edge, token, never)).href, edge.href)
  const everywhere = await edgeWith(t, [hashOf(token.reveal())], '0.0.0.0')
  const named = new URL(everywhere)
  named.hostname = 'localhost'
  assert.equal((await requireTokenProof(named, token, never)).href, everywhere.href)
})

test('a page gets no proof, not even under a name of its own that it has pointed to this machine', async (t) => {
  const edge = await edgeWith(t, [hashOf(token.reveal())], '0.0.0.0')
  const url = new URL(`/token-proof?nonce=${'0'.repeat(64)}`, edge)
  const asked: readonly [OutgoingHttpHeaders, number][] = [
    [{}, 200],
    [{ host: `page.example:${edge.port}` }, 404],
    [{ origin: 'https://page.example' }, 404],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 404],
  ]
  for (const [headers, status] of asked) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const [response] = (await once(get(url, { headers }), 'response')) as [IncomingMessage]
    assert.equal(response.resume().statusCode, status, JSON.stringify(headers))
  }
})

test('an edge that does not know the hash, and what is no edge, get no token', async (t) => {
  const other = await edgeWith(t, [hashOf('another token')])
  await assert.rejects(
    requireTokenProof(other, token, never),
    failsAs('edge_refused', /takes another one, or none: check VOLTDROP_TOKEN/),
  )
  const closed = await edgeWith(t, [])
  await assert.rejects(requireTokenProof(closed, token, never), failsAs('edge_refused', /not sent/))
  for (const body of [
    '',
    '{}',
    '[]',
    'x'.repeat(5000),
    '{"host":"127.0.0.1","port":1,"nonce":"","proofs":[]}',
  ]) {
    // oxlint-disable-next-line no-await-in-loop -- one server after the other
    const strange = await serve(t, (_, response) => response.end(body))
    // oxlint-disable-next-line no-await-in-loop -- as above
    await assert.rejects(requireTokenProof(strange, token, never), failsAs('edge_refused', /not sent/), body)
  }
  const door = await doorOf(t)
  await door.close()
  const absent = new URL(`http://127.0.0.1:${door.address.port}/`)
  await assert.rejects(requireTokenProof(absent, token, never), failsAs('edge_unreachable'))
})

const noSecondAddress = process.platform === 'linux' ? false : 'only Linux has all of 127.0.0.0/8'

test(
  'the same port on another address cannot show the proof of the edge',
  { skip: noSecondAddress },
  async (t) => {
    const edge = await edgeWith(t, [hashOf(token.reveal())])
    const port = Number(edge.port)
    // It has the port on 127.0.0.2 and passes on, byte by byte, what comes.
    const relay = await relayTo(t, port)
    await assert.rejects(
      requireTokenProof(relay, token, never),
      failsAs('edge_refused', /passed the question on/),
    )
  },
)

async function relayTo(t: TestContext, port: number): Promise<URL> {
  const server = createServer((socket) => {
    const passed = connect(port, '127.0.0.1')
    socket.pipe(passed).pipe(socket)
    for (const end of [socket, passed]) end.on('error', () => {})
  })
  server.listen(port, '127.0.0.2')
  await once(server, 'listening')
  t.after(() => server.close())
  return new URL(`http://127.0.0.2:${port}/`)
}

test('a proof holds for one host, port and pair of nonces', () => {
  const question = { host: '127.0.0.1', port: 8787, clientNonce: 'a'.repeat(64), edgeNonce: 'b'.repeat(64) }
  const hash = hashOf('token')
  // HMAC-SHA-256 under SHA-256("token") over the five lines, made with openssl.
  assert.equal(tokenProof(hash, question), 'a0b995be3d521ca1ed420c19ae80a5b01bf8da18b54bee5de8418513d8ab4ad6')
  const proofs = [
    question,
    { ...question, host: '127.0.0.2' },
    { ...question, port: 8788 },
    { ...question, clientNonce: 'c'.repeat(64) },
    { ...question, edgeNonce: 'c'.repeat(64) },
  ].map((one) => tokenProof(hash, one))
  assert.equal(new Set([...proofs, tokenProof(hashOf('other'), question)]).size, 6)
})

test('only an edge on this machine without TLS has to prove anything', () => {
  const needs = ['http://localhost:1', 'http://127.0.0.2', 'http://[::1]:8787']
  const others = ['https://localhost', 'https://edge.example', 'http://192.0.2.1', 'http://127.0.0.1.example']
  assert.deepEqual(
    [...needs, ...others].filter((url) => needsProof(new URL(url))),
    needs,
  )
})
