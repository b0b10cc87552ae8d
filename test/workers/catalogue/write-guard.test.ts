/** Who may write, and what a body must be before it is parsed. Every route of the app that writes is tested. */
import assert from 'node:assert/strict'
import http from 'node:http'
import { once } from 'node:events'
import { gzipSync } from 'node:zlib'
import { after, before, test } from 'node:test'
import { app } from '../../../workers/app.ts'
import { MAX_BODY_BYTES } from '../../../workers/catalogue/writes/write-descriptions.ts'
import { startEdge, type Edge } from '../../support/edge/edge.ts'
import { faults, send, sha256Of, writeSecrets, writeToken } from '../../support/edge/writer.ts'

const nextToken = 'a-token-that-is-to-come'
let edge: Edge

before(async () => {
  const secrets = { ...writeSecrets, WRITE_TOKEN_SHA256_NEXT: sha256Of(nextToken) }
  edge = await startEdge({ secrets })
})
after(() => edge.close())

/** Anyone may open a room: the lobby limits how many. */
const open = ['POST /rooms']

const guarded = [
  ...new Set(
    app.routes
      .filter(({ method }) => !['GET', 'HEAD', 'OPTIONS', 'ALL'].includes(method))
      .map(({ method, path }) => `${method} ${path}`),
  ),
].filter((route) => !open.includes(route))

test('the app has exactly these routes that write', () => {
  assert.equal(guarded.length, 10)
})

for (const route of guarded) {
  const [method = '', pattern = ''] = route.split(' ')
  const path = pattern.replace(':id', '1')

  test(`${route} is refused without a token, and with an unknown one`, async () => {
    const wrong = [
      '',
      'Bearer',
      'Bearer ',
      `Basic ${writeToken}`,
      `Bearer ${writeToken}x`,
      `Bearer ${writeToken.slice(1)}`,
    ]
    for (const authorization of [...wrong, `Bearer ${sha256Of(writeToken)}`, writeToken]) {
      // oxlint-disable-next-line no-await-in-loop
      const answer = await send(edge, method, path, '{"not": "read"', { authorization, 'if-match': '*' })
      assert.deepEqual(faults(answer), [401, 'unauthorized'], authorization)
      assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer /)
      assert.equal(answer.headers.get('access-control-allow-origin'), null)
    }
  })
}

test('the present token and the next one can both write', async () => {
  for (const token of [writeToken, nextToken]) {
    // oxlint-disable-next-line no-await-in-loop
    const answer = await send(
      edge,
      'PATCH',
      '/products/1',
      {},
      { authorization: `Bearer ${token}`, 'if-match': '*' },
    )
    assert.equal(answer.status, 200)
  }
})

test('an edge without a token takes no writes', async () => {
  const bindings = await edge.bindings()
  for (const secrets of [{}, { WRITE_TOKEN_SHA256: '' }, { WRITE_TOKEN_SHA256: writeToken }]) {
    const env = { ...bindings, WRITE_TOKEN_SHA256: undefined, WRITE_TOKEN_SHA256_NEXT: undefined, ...secrets }
    // oxlint-disable-next-line no-await-in-loop
    const response = await app.request(
      '/products',
      { method: 'POST', headers: { authorization: 'Bearer x' } },
      env,
    )
    assert.equal(response.status, 503)
    // oxlint-disable-next-line no-await-in-loop
    assert.equal(((await response.json()) as { code: string }).code, 'writes_disabled')
  }
})

const product = {
  sku: 'B-1',
  name: 'N',
  manufacturer: 'M',
  category: 'other',
  source_url: 'https://example.com',
}
const json = JSON.stringify(product)

const wrongTypes: [string, Record<string, string>, string][] = [
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'content-type'],
  ['text', { 'content-type': 'text/plain' }, 'content-type'],
  ['JSON in another charset', { 'content-type': 'application/json; charset=iso-8859-1' }, 'content-type'],
  ['a gzip bomb', { 'content-encoding': 'gzip' }, 'content-encoding'],
]

for (const [what, headers, header] of wrongTypes) {
  test(`a body is refused by its headers: ${what}`, async () => {
    const answer = await send(edge, 'POST', '/products', json, headers)
    assert.deepEqual(faults(answer), [415, 'unsupported_media_type', header])
  })
}

const wrongTexts: [string, string | Buffer, string][] = [
  ['an empty one', '', ''],
  ['half an object', '{"sku": ', ''],
  ['NaN', '{"sku": NaN}', ''],
  ['a name given twice', '{"mass_mg": 1, "mass_mg": 2}', '/mass_mg'],
  ['a name given twice in two spellings', '{"sku": "a", "s\\u006bu": "b"}', '/sku'],
  ['a name given twice in a nested object', '{"rows": [{"a": 1}, {"b": 1, "b": 2}]}', '/rows/1/b'],
  ['sixty thousand brackets', '['.repeat(60_000), '/0/0/0/0/0/0/0/0'],
  ['a string without an end, full of quotes', `"${'\\"'.repeat(30_000)}`, ''],
  ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22]), ''],
  ['UTF-16', Buffer.from(json, 'utf16le'), ''],
]

for (const [what, body, pointer] of wrongTexts) {
  test(`a body is refused as malformed: ${what}`, async () => {
    const response = await fetch(`${edge.url}/products`, {
      method: 'POST',
      headers: { authorization: `Bearer ${writeToken}`, 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : new Uint8Array(body),
    })
    const problem = (await response.json()) as { code: string; errors: { pointer: string }[] }
    assert.deepEqual([response.status, problem.code, problem.errors[0]?.pointer], [400, 'bad_body', pointer])
  })
}

for (const body of ['7', '[]', '"text"', 'null', 'true']) {
  test(`${body} is refused, because it is not an object`, async () => {
    assert.deepEqual(faults(await send(edge, 'POST', '/products', body)), [422, 'bad_field', ''])
    const patched = await send(edge, 'PATCH', '/products/1', body, { 'if-match': '*' })
    assert.deepEqual(faults(patched), [422, 'bad_field', ''])
  })
}

test('names of Object.prototype are refused as unknown fields', async () => {
  for (const name of ['__proto__', 'constructor', 'toString']) {
    // oxlint-disable-next-line no-await-in-loop
    const answer = await send(edge, 'POST', '/products', `${json.slice(0, -1)}, "${name}": {"sku": "x"}}`)
    assert.deepEqual(faults(answer), [422, 'bad_field', `/${name}`])
    // oxlint-disable-next-line no-await-in-loop
    const patched = await send(edge, 'PATCH', '/products/1', `{"${name}": 1}`, { 'if-match': '*' })
    assert.deepEqual(faults(patched), [422, 'bad_field', `/${name}`])
    // oxlint-disable-next-line no-await-in-loop
    const imported = await send(
      edge,
      'POST',
      '/products/import',
      `{"rows": [{"${name}": 1, ${json.slice(1)}]}`,
    )
    assert.deepEqual(faults(imported), [422, 'bad_field', `/rows/0/${name}`])
  }
})

test('a number that overflows to Infinity is refused at its field', async () => {
  for (const number of ['1e309', '-1e309', '9007199254740993']) {
    // oxlint-disable-next-line no-await-in-loop
    const answer = await send(edge, 'PATCH', '/batteries/1', `{"mass_mg": ${number}}`, { 'if-match': '*' })
    assert.deepEqual(faults(answer).slice(0, 3), [422, 'bad_field', '/mass_mg'])
  }
})

test('a body is limited to 64 KiB, whatever its Content-Length says', async () => {
  function padded(bytes: number) {
    return json.padEnd(bytes, ' ')
  }
  assert.equal((await send(edge, 'POST', '/products', padded(MAX_BODY_BYTES))).status, 201)
  assert.deepEqual(faults(await send(edge, 'POST', '/products', padded(MAX_BODY_BYTES + 1))), [
    413,
    'body_too_large',
  ])
  const anonymous = await send(edge, 'POST', '/products', padded(MAX_BODY_BYTES + 1), { authorization: '' })
  assert.equal(anonymous.status, 413, 'size comes before the token')

  const request = http.request(`${edge.url}/products`, {
    method: 'POST',
    headers: { authorization: `Bearer ${writeToken}`, 'content-type': 'application/json' },
  })
  request.end(padded(MAX_BODY_BYTES + 1)) // without a Content-Length, so chunked
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  response.resume()
  assert.equal(response.statusCode, 413)
})

test('a gzip bomb is not decompressed, even when it is declared as plain JSON', async () => {
  const bomb = gzipSync(Buffer.alloc(5_000_000, 0x20))
  const response = await fetch(`${edge.url}/products`, {
    method: 'POST',
    headers: { authorization: `Bearer ${writeToken}`, 'content-type': 'application/json' },
    body: new Uint8Array(bomb),
  })
  await response.body?.cancel()
  assert.equal(response.status, 400)
})
