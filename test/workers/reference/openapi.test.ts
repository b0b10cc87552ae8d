/** The OpenAPI document describes every route, its examples work, and its parameters refuse what they must. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { ProblemDocument } from '../../../protocol/catalogue/shapes.ts'
import { app } from '../../../workers/app.ts'
import { describeApi } from '../../../workers/reference/openapi.ts'
import type { Operation, OperationParameter } from '../../../workers/reference/openapi-document.ts'
import { catalogueEdge, type Edge } from '../../support/edge/edge.ts'
import { mismatches } from '../../support/edge/json-schema.ts'
import { writeSecrets, writeToken } from '../../support/edge/writer.ts'

const document = describeApi(app)
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
)
let edge: Edge

before(async () => {
  edge = await catalogueEdge({ secrets: writeSecrets })
})
after(() => edge.close())

test('the served document is OpenAPI 3.1 and describes every route of the app', async () => {
  const response = await fetch(`${edge.url}/openapi.json`)
  assert.equal(response.headers.get('access-control-allow-origin'), '*')
  assert.deepEqual(await response.json(), JSON.parse(JSON.stringify(document)))
  assert.match(document.openapi, /^3\.1\./)
  const described = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`)
  const pages = /^\/($|view|compare|assets|docs|openapi\.json)/
  const served = app.routes
    .filter(({ method, path }) => method !== 'ALL' && !pages.test(path))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
  assert.deepEqual(described.toSorted(), [...new Set(served)].toSorted())
})

test('the table in the README names exactly these routes', async () => {
  const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8')
  const rows = [...readme.matchAll(/^\| `([A-Z]+) (\/.*?)` +\|/gm)]
  const named = rows.flatMap(([, method = '', paths = '']) =>
    paths.split('`, `').map((path) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`),
  )
  const described = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`)
  assert.deepEqual(named.toSorted(), described.toSorted())
})

test('every operation has its own name and one tag, and every parameter and field a description', () => {
  const names = operations.map(({ operation }) => operation.operationId ?? '')
  assert.equal(new Set(names).size, operations.length)
  const tags = document.tags.map(({ name }) => name)
  for (const { path, operation } of operations) {
    assert.ok(operation.tags?.length === 1 && tags.includes(operation.tags[0] ?? ''), path)
    for (const { name, description, schema } of operation.parameters ?? [])
      assert.ok(description ?? schema.description, `${path} ${name}`)
  }
  for (const [shape, { properties = {} }] of Object.entries(document.components.schemas)) {
    for (const [field, schema] of Object.entries(properties))
      assert.ok(schema.description ?? schema.$ref, `${shape}.${field}`)
  }
})

test('every route that writes requires a token in the document, and no other does', () => {
  for (const { method, path, operation } of operations) {
    const open = method === 'get' || path === '/rooms'
    assert.equal(operation.security === undefined, open, `${method} ${path}`)
  }
})

/** The words of a shell command. The examples use only quotes and two variables. */
function wordsOf(line: string): string[] {
  const variables: Record<string, string> = { EDGE: edge.url, VOLTDROP_TOKEN: writeToken }
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, plain, quoted, bare]) =>
      plain ?? (quoted ?? bare ?? '').replaceAll(/\$(\w+)/g, (_, name: string) => variables[name] ?? ''),
  )
}

/** Runs a curl command. */
async function runCurl(line: string): Promise<Response> {
  const [program, ...words] = wordsOf(line)
  assert.equal(program, 'curl')
  const headers: [string, string][] = []
  let [method, body, url] = ['GET', undefined as string | undefined, '']
  for (let i = 0; i < words.length; i++) {
    const [word = '', next = ''] = words.slice(i)
    if (word === '-X') method = next
    else if (word === '-d') body = next
    else if (word === '-H') headers.push(next.split(': ') as [string, string])
    else url = word
    if (word.startsWith('-')) i++
  }
  return fetch(url, { method, headers, ...(body === undefined ? {} : { body }) })
}

/** Reads first, deletes last; a battery before its product. */
function rank({ method, path }: { method: string; path: string }): string {
  return ['get', 'post', 'put', 'patch', 'delete'].indexOf(method) + (path.startsWith('/b') ? 'a' : 'b')
}

for (const { method, path, operation } of operations.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))) {
  if (path === '/rooms/{number}') continue // a WebSocket
  test(`the example of ${method.toUpperCase()} ${path} works and is answered as described`, async () => {
    const [sample] = operation['x-codeSamples'] ?? []
    assert.ok(sample)
    const response = await runCurl(sample.source)
    const text = await response.text()
    assert.ok(response.ok, text)
    const answer = operation.responses[String(response.status)]
    assert.ok(answer, `status ${response.status} is not described`)
    if (response.status === 204) return
    const type = response.headers.get('content-type')?.split(';')[0] ?? ''
    const schema = answer.content?.[type]?.schema
    assert.ok(schema, `${type} is not described`)
    if (type !== 'application/json') return
    assert.deepEqual(mismatches(JSON.parse(text), schema, document.components.schemas), [])
  })
}

const long = 'x'.repeat(3_500)
const nothing = ['%00', 'a%1fb', '%7F', '%0d%0aset-cookie:x', long]
const numbers = ['-9007199254740991', '1e309', 'NaN', '1.5', '0x10', '%205', '9'.repeat(20)]
const hostile = [
  "' OR 1=1 --",
  '"; DROP TABLE products; --',
  '*',
  '"',
  '%',
  '^NEAR(a b, 5) AND NOT {words}: "x"',
  '🔋'.repeat(50),
  'a-'.repeat(60),
  '\u202e\u0301',
]

/** Values that a parameter must refuse, by its description. */
function refusedBy({ name, schema }: OperationParameter): string[] {
  const repeated = `1&${name}=1`
  if (schema.type === 'integer') return ['', repeated, '%00', long, ...numbers]
  if (schema.enum !== undefined)
    return ['', `${String(schema.enum[0])}&${name}=${String(schema.enum[0])}`, 'nonsense', "'--", ...nothing]
  if (name === 'fields' || name === 'include')
    return ['', repeated, 'nonsense', 'id,', 'total,total,id,id', ...nothing]
  return ['', `a&${name}=b`, ...nothing]
}

async function problemOf(path: string) {
  const response = await fetch(edge.url + path)
  const text = await response.text()
  assert.equal(
    response.headers.get('content-type'),
    'application/problem+json',
    `${path}: ${text.slice(0, 200)}`,
  )
  return ProblemDocument.parse(JSON.parse(text))
}

const asked = operations
  .filter(({ method, operation }) => method === 'get' && (operation.parameters?.length ?? 0) > 0)
  .filter(({ path }) => path !== '/rooms/{number}')

for (const { path, operation } of asked) {
  test(`every parameter of ${path} refuses invalid values, and the problem names it`, async () => {
    for (const parameter of operation.parameters ?? []) {
      const inPath = parameter.in === 'path'
      const values = refusedBy(parameter).filter((value) => !inPath || (value !== '' && !value.includes('&')))
      // oxlint-disable-next-line no-await-in-loop -- one parameter after the other, its values at once
      const problems = await Promise.all(
        values.map((value) =>
          problemOf(
            inPath ? path.replace('{id}', value) : `${path.replace('{id}', '1')}?${parameter.name}=${value}`,
          ),
        ),
      )
      for (const [i, problem] of problems.entries()) {
        const said = `${parameter.name}=${values[i]}`.slice(0, 80)
        // A cursor of valid length is decoded, and refused because this edge did not make it.
        assert.ok(problem.status === 422 || (parameter.name === 'cursor' && problem.status === 400), said)
        assert.equal(problem.errors?.[0]?.parameter, parameter.name, said)
      }
    }
  })
}

test('an address of ten kilobytes is refused with 414', async () => {
  for (const { path } of asked) {
    // oxlint-disable-next-line no-await-in-loop
    const problem = await problemOf(`${path.replace('{id}', '1')}?q=${'x'.repeat(10_240)}`)
    assert.deepEqual([problem.status, problem.code], [414, 'uri_too_long'])
  }
})

/** The parameters of an operation that take any text. */
function textsOf(operation: Operation): OperationParameter[] {
  return (operation.parameters ?? []).filter(
    ({ name, schema }) =>
      schema.type === 'string' &&
      schema.enum === undefined &&
      !['fields', 'include', 'cursor'].includes(name),
  )
}

test('a text parameter takes any text literally', async () => {
  const texts = asked.flatMap(({ path, operation }) =>
    textsOf(operation).map(({ name }) => `${path}?${name}=`),
  )
  assert.ok(texts.length >= 15)
  for (const start of texts) {
    for (const text of hostile) {
      // oxlint-disable no-await-in-loop -- one after the other: exports are limited at once
      const response = await fetch(edge.url + start + encodeURIComponent(text))
      await response.arrayBuffer()
      assert.equal(response.status, 200, start + text)
    }
  }
  const left = await edge.db.prepare('SELECT count(*) AS n FROM products').first('n')
  assert.ok(Number(left) > 100)
})

test('a range whose lower end is above its upper end is refused at the lower end', async () => {
  const bounds = asked.flatMap(({ path, operation }) =>
    (operation.parameters ?? [])
      .filter(({ name }) => name.startsWith('min_'))
      .map(({ name }) => ({ path, name })),
  )
  assert.equal(bounds.length, 18 * 3)
  for (const { path, name } of bounds) {
    // oxlint-disable-next-line no-await-in-loop
    const problem = await problemOf(`${path}?${name}=500&${name.replace('min_', 'max_')}=499`)
    assert.deepEqual([problem.status, problem.errors?.[0]?.parameter], [422, name])
  }
})

test('the reference page shows every operation and shape, and loads nothing from other sites', async () => {
  const response = await fetch(`${edge.url}/docs`)
  const page = await response.text()
  assert.match(response.headers.get('content-security-policy') ?? '', /^default-src 'none'; style-src 'self'/)
  for (const { method, path } of operations)
    assert.ok(page.includes(`<code>${method.toUpperCase()} ${path}</code>`), `${method} ${path}`)
  for (const name of Object.keys(document.components.schemas))
    assert.ok(page.includes(`id="shape-${name}"`), name)
  assert.doesNotMatch(page, /(src|href)="(https?:)?\/\//)
  const style = await fetch(`${edge.url}/docs/docs.css`)
  assert.equal(style.status, 200)
  await style.body?.cancel()
})
