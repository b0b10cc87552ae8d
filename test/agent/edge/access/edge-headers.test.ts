/** The headers of --edge-headers: what may be in the file, and which requests carry them. */
import assert from 'node:assert/strict'
import { chmod, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { parseEdgeHeaders, useEdgeHeaders } from '../../../../agent/edge/access/edge-headers.ts'
import { openRoom } from '../../../../agent/edge/edge-client.ts'
import { takeSeat } from '../../../../agent/meeting/room-client.ts'
import { failsAs, serve } from '../../../support/edge/fake-edge.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const never = new AbortController().signal
const gate = 'CF-Access-Client-Id: an-id\nCF-Access-Client-Secret: a-secret\n'

test('every request and upgrade to the edge carries the headers, and no other address gets them', async (t) => {
  const seen: unknown[] = []
  const elsewhere = await serve(t, (request, response) => {
    seen.push(['elsewhere', request.headers['cf-access-client-secret']])
    response.end()
  })
  const edge = await serve(
    t,
    (request, response) => {
      seen.push([request.method, request.headers['cf-access-client-secret']])
      response.writeHead(302, { location: elsewhere.href }).end()
    },
    (socket, _, headers) => {
      seen.push(['upgrade', headers['cf-access-client-secret'], headers.authorization])
      socket.destroy()
    },
  )
  const file = path.join(await temporaryFolder(t), 'headers')
  await writeFile(file, gate, { mode: 0o600 })
  await useEdgeHeaders(file, edge)
  await assert.rejects(openRoom(edge, never), failsAs('not_an_edge'))
  await assert.rejects(takeSeat({ edge, room: 7, token: 'the-seat', signal: never }), failsAs('not_an_edge'))
  await assert.rejects(openRoom(elsewhere, never), failsAs('not_an_edge'))
  assert.deepEqual(seen, [
    ['POST', 'a-secret'],
    ['upgrade', 'a-secret', 'Bearer the-seat'],
    ['GET', 'a-secret'],
    ['elsewhere', undefined],
  ])
})

test('a file that others may read is refused, and so is an edge over plain http elsewhere', async (t) => {
  const file = path.join(await temporaryFolder(t), 'headers')
  await writeFile(file, gate)
  await chmod(file, 0o644)
  const edge = new URL('https://edge.example/')
  await assert.rejects(
    useEdgeHeaders(file, edge),
    failsAs('not_possible_here', /can be read or changed by every user/),
  )
  await chmod(file, 0o600)
  await useEdgeHeaders(file, edge)
  await assert.rejects(
    useEdgeHeaders(file, new URL('http://edge.example/')),
    failsAs('usage', /over https only/),
  )
})

test('a line that is no header, or one that the program sets itself, is named by its number and never by its value', () => {
  assert.deepEqual(parseEdgeHeaders('# for the gate\r\n\r\nX-Gate:  a: b \t\r\nCookie: s=1', 'f'), {
    'x-gate': 'a: b',
    cookie: 's=1',
  })
  for (const [text, reason] of [
    ['X-A: 1\nsecret', /^f, line 2: is not Name: value/],
    ['X-A:', /line 1/],
    ['X A: secret', /line 1/],
    ['X-A: secret\u0000', /line 1/],
    ['X-A: secr\u00e9t', /line 1/],
    ['Authorization: secret', /Authorization cannot be set/],
    ['host: secret', /host cannot be set/],
    ['Sec-WebSocket-Protocol: secret', /cannot be set/],
    ['Content-Length: 1', /cannot be set/],
    ['X-A: secret\nx-a: secret', /x-a is there twice/],
    [`X-A: ${'secret'.repeat(2000)}`, /too long/],
    [Array.from({ length: 33 }, (_, index) => `X-${index}: secret`).join('\n'), /more than 32/],
  ] as const) {
    assert.throws(
      () => parseEdgeHeaders(text, 'f'),
      (error: Error & { detail?: string }) => {
        assert.doesNotMatch(error.detail ?? '', /secr/)
        return failsAs('usage', reason)(error)
      },
    )
  }
})
